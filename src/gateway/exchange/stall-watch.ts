import type { ServerResponse } from 'node:http'
import { bytesTaken } from './client-socket.js'

/**
 * Watches an answer on its way: it is stalled when the upstream sends nothing and the client takes nothing for the
 * idle time. A client that reads slowly but steadily is not: a timer that saw only that nothing new is
 * read from the upstream would cut a long download over a thin line.
 */
export class StallWatch {
  readonly #response: ServerResponse
  readonly #timer: NodeJS.Timeout
  #taken = 0

  /** @param idle milliseconds */
  constructor(response: ServerResponse, idle: number, onStalled: () => void) {
    this.#response = response
    this.#timer = setTimeout(() => {
      if (this.#clientReads()) this.#timer.refresh()
      else onStalled()
    }, idle)
  }

  /** The upstream has sent something. */
  moved(): void {
    this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  // Only what waits for the client can be taken by it.
  #clientReads(): boolean {
    const { socket } = this.#response
    if (socket === null || this.#response.writableLength + socket.writableLength === 0) return false
    const taken = bytesTaken(socket)
    const more = taken > this.#taken
    this.#taken = taken
    return more
  }
}

import type { ServerResponse } from 'node:http'

/**
 * Watches an answer on its way: it is stalled when its upstream sends nothing for the idle time although nothing waits
 * for the client. Where something does, the upstream may be waiting too, and it is the client that is watched: see
 * `SendTimeout`.
 */
export class StallWatch {
  readonly #timer: NodeJS.Timeout

  /** @param idle milliseconds */
  constructor(response: ServerResponse, idle: number, onStalled: () => void) {
    this.#timer = setTimeout(() => {
      if (response.writableLength + (response.socket?.writableLength ?? 0) > 0) this.#timer.refresh()
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
}

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Starts what makes a response, now or when enough of those before it on their connection are written. Node hands over
 * every request of a segment at once, and one client could take all of an upstream's slots with one connection; since
 * answers leave in the order of their requests, it would gain nothing by it.
 *
 * Sees to it too that a response hears `close` when its connection is gone. Node tells only the response whose turn it
 * is; those of requests that were pipelined behind it would wait for ever, with an upstream's connection each and no
 * record.
 */
export function inTurn(socket: Socket, response: ServerResponse, start: () => void): void {
  const pipeline = pipelines.get(socket) ?? open(socket)
  pipeline.add(response, start)
}

function open(socket: Socket): Pipeline {
  const pipeline = new Pipeline(socket)
  pipelines.set(socket, pipeline)
  return pipeline
}

/** The responses of one connection that are not written yet, in the order of their requests. */
class Pipeline {
  readonly #socket: Socket
  readonly #begun = new Set<ServerResponse>()
  readonly #waiting = new Map<ServerResponse, () => void>()

  constructor(socket: Socket) {
    this.#socket = socket
    // After Node has told the one it tells.
    socket.once('close', () => process.nextTick(() => this.#tellAll()))
  }

  add(response: ServerResponse, start: () => void): void {
    response.once('close', () => this.#remove(response))
    if (this.#begun.size < AT_ONCE) this.#begin(response, start)
    else this.#waiting.set(response, start)
  }

  #begin(response: ServerResponse, start: () => void): void {
    this.#begun.add(response)
    start()
  }

  #remove(response: ServerResponse): void {
    this.#begun.delete(response)
    if (this.#waiting.size === 0) return
    this.#waiting.delete(response)
    const [next] = this.#waiting
    // Nothing is begun for a connection that no answer can leave by.
    if (next === undefined || this.#begun.size >= AT_ONCE || !this.#socket.writable) return
    this.#waiting.delete(next[0])
    this.#begin(...next)
  }

  #tellAll(): void {
    this.#begun.forEach(tellClosed)
    // One that never had its turn ends as others do whose client has left: by finding its response destroyed.
    for (const [response, start] of this.#waiting) {
      response.destroy()
      start()
    }
  }
}

function tellClosed(response: ServerResponse): void {
  response.destroy()
  response.emit('close')
}

const pipelines = new WeakMap<Socket, Pipeline>()

/**
 * Browsers pipeline nothing. Other clients gain by having the next few answers under way while one is written, and
 * nothing by more.
 */
const AT_ONCE = 8

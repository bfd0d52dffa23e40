import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A client's connection, and the requests on it that have not ended, in their order. Node tells only the response whose
 * turn it is that the connection is gone; those of requests that were pipelined behind it hear `close` from here, or
 * they would wait for ever, with an upstream's connection each and no record.
 */
export class ClientConnection {
  readonly #socket: Socket
  /** Each with what is to be called when it has ended. */
  readonly #open = new Map<ServerResponse, () => void>()
  readonly #started = new Set<ServerResponse>()
  readonly #waiting = new Map<ServerResponse, () => void>()

  constructor(socket: Socket) {
    this.#socket = socket
    // After Node has told the one it tells.
    socket.once('close', () => process.nextTick(() => this.#tellAll()))
  }

  /** The response to the latest request, while it has not ended. */
  get last(): ServerResponse | undefined {
    return [...this.#open.keys()].at(-1)
  }

  /** A request has come. */
  begin(response: ServerResponse, onEnd: () => void): void {
    this.#open.set(response, onEnd)
    response.on('close', endOf)
  }

  /**
   * Starts what makes a response, now or when enough of those before it are written. Node hands over every request of a
   * segment at once, and one client could take all of an upstream's slots with one connection; since answers leave in
   * the order of their requests, it would gain nothing by it.
   */
  inTurn(response: ServerResponse, start: () => void): void {
    if (this.#started.size < AT_ONCE) this.#start(response, start)
    else this.#waiting.set(response, start)
  }

  /** For `endOf`: a response has closed. */
  end(response: ServerResponse): void {
    const onEnd = this.#open.get(response)
    this.#open.delete(response)
    onEnd?.()
    this.#started.delete(response)
    if (this.#waiting.size > 0) this.#startNext(response)
  }

  #startNext(ended: ServerResponse): void {
    // One that never had its turn ends as others do whose client has left: by finding its response destroyed.
    this.#waiting.get(ended)?.()
    this.#waiting.delete(ended)
    const [next] = this.#waiting
    // Nothing is begun for a connection that no answer can leave by.
    if (next === undefined || this.#started.size >= AT_ONCE || !this.#socket.writable) return
    this.#waiting.delete(next[0])
    this.#start(...next)
  }

  #start(response: ServerResponse, start: () => void): void {
    this.#started.add(response)
    start()
  }

  #tellAll(): void {
    for (const response of [...this.#open.keys()]) {
      response.destroy()
      response.emit('close')
    }
  }
}

/** The connection that a socket is. */
export function connectionOf(socket: Socket): ClientConnection {
  const known = socket as Socket & { [CONNECTION]?: ClientConnection }
  known[CONNECTION] ??= new ClientConnection(socket)
  return known[CONNECTION]
}

// One function for all, since it is registered for every request.
function endOf(this: ServerResponse): void {
  connectionOf(this.req.socket).end(this)
}

const CONNECTION = Symbol('the connection of a client')

/**
 * Browsers pipeline nothing. Other clients gain by having the next few answers under way while one is written, and
 * nothing by more.
 */
const AT_ONCE = 8

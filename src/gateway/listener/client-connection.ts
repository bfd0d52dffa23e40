import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A client's connection, and the requests on it that have not ended, in their order. Node tells only the response whose
 * turn it is that the connection is gone; those of requests that were pipelined behind it hear `close` from here, or
 * they would wait for ever, with an upstream's connection each and no record.
 */
export class ClientConnection {
  readonly #socket: Socket
  readonly #onRequestEnd: () => void
  // An array, mostly of one: a Map makes a new table for every few requests, and each that has grown old keeps all later
  // ones from the young generation's collector. Requests end in their order, so that they are found at its beginning.
  readonly #open: OpenRequest[] = []
  /** How many of them have started. */
  #started = 0
  /** Those that wait for their turn. */
  readonly #waiting: OpenRequest[] = []

  /** @param onRequestEnd called once for each request that was taken */
  constructor(socket: Socket, onRequestEnd: () => void) {
    this.#socket = socket
    this.#onRequestEnd = onRequestEnd
    // After Node has told the one it tells.
    socket.once('close', () => process.nextTick(() => this.#tellAll()))
  }

  /** The response to the latest request, while it has not ended. */
  get last(): ServerResponse | undefined {
    return this.#open.at(-1)?.response
  }

  /**
   * A request has been taken by whoever answers it.
   *
   * @param isThrough its answer is written and in its turn: nobody need wait for its end, unless somebody does already
   */
  taken(response: ServerResponse, isThrough: boolean): void {
    if (isThrough && requestOf(response) === undefined) this.#onRequestEnd()
    else this.#begin(response)
  }

  /**
   * Starts what makes a response, now or when enough of those before it are written. Node hands over every request of a
   * segment at once, and one client could take all of an upstream's slots with one connection; since answers leave in
   * the order of their requests, it would gain nothing by it.
   */
  inTurn(response: ServerResponse, start: () => void): void {
    const request = this.#begin(response)
    if (this.#started < AT_ONCE) this.#start(request, start)
    else {
      request.start = start
      this.#waiting.push(request)
    }
  }

  /** For `endOf`: a response has closed. */
  end(request: OpenRequest): void {
    const at = this.#open.indexOf(request)
    if (at === -1) return
    this.#open.splice(at, 1)
    this.#onRequestEnd()
    if (request.started) this.#started--
    const { start } = request
    request.start = undefined
    // One that never had its turn ends as others do whose client has left: by finding its response destroyed.
    start?.()
    this.#startNext()
  }

  #begin(response: ServerResponse): OpenRequest {
    const known = requestOf(response)
    if (known !== undefined) return known
    const request: OpenRequest = { response, started: false, start: undefined }
    ;(response as Tracked)[REQUEST] = request
    this.#open.push(request)
    response.on('close', endOf)
    return request
  }

  #start(request: OpenRequest, start: () => void): void {
    request.started = true
    this.#started++
    start()
  }

  #startNext(): void {
    // Nothing is begun for a connection that no answer can leave by.
    while (this.#waiting.length > 0 && this.#started < AT_ONCE && this.#socket.writable) {
      const next = this.#waiting.shift()!
      const { start } = next
      next.start = undefined
      // None where it has ended meanwhile.
      if (start !== undefined) this.#start(next, start)
    }
  }

  #tellAll(): void {
    for (const { response } of [...this.#open]) {
      response.destroy()
      response.emit('close')
    }
  }
}

interface OpenRequest {
  readonly response: ServerResponse
  started: boolean
  /** While it waits for its turn. */
  start: (() => void) | undefined
}

/** The connection that a client's socket is. */
export function connectionOf(socket: Socket): ClientConnection {
  return (socket as Keeping)[CONNECTION]!
}

/** The response to a connection's latest request, while it has not ended; none where TLS was not agreed on. */
export function latestOn(socket: Socket): ServerResponse | undefined {
  return (socket as Keeping)[CONNECTION]?.last
}

/** Says it, once, when the client has connected. */
export function keepConnection(socket: Socket, connection: ClientConnection): void {
  ;(socket as Keeping)[CONNECTION] = connection
}

function requestOf(response: ServerResponse): OpenRequest | undefined {
  return (response as Tracked)[REQUEST]
}

// One function for all, since it is registered for every request.
function endOf(this: Tracked): void {
  connectionOf(this.req.socket).end(this[REQUEST]!)
}

type Keeping = Socket & { [CONNECTION]?: ClientConnection }
type Tracked = ServerResponse & { [REQUEST]?: OpenRequest }
const CONNECTION = Symbol('the connection of a client')
const REQUEST = Symbol('the request on it that this answers')

/**
 * Browsers pipeline nothing. Other clients gain by having the next few answers under way while one is written, and
 * nothing by more.
 */
const AT_ONCE = 8

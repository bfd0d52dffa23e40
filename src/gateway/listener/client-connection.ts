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
  // ones from the young generation's collector.
  readonly #open: OpenRequest[] = []

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
    if (isThrough && this.#find(response) === undefined) this.#onRequestEnd()
    else this.#begin(response)
  }

  /**
   * Starts what makes a response, now or when enough of those before it are written. Node hands over every request of a
   * segment at once, and one client could take all of an upstream's slots with one connection; since answers leave in
   * the order of their requests, it would gain nothing by it.
   */
  inTurn(response: ServerResponse, start: () => void): void {
    const request = this.#begin(response)
    if (this.#hasTurn()) {
      request.started = true
      start()
    } else request.start = start
  }

  /** For `endOf`: a response has closed. */
  end(response: ServerResponse): void {
    const at = this.#open.findIndex(each => each.response === response)
    const [ended] = at === -1 ? [] : this.#open.splice(at, 1)
    if (ended === undefined) return
    this.#onRequestEnd()
    // One that never had its turn ends as others do whose client has left: by finding its response destroyed.
    ended.start?.()
    this.#startNext()
  }

  #begin(response: ServerResponse): OpenRequest {
    const known = this.#find(response)
    if (known !== undefined) return known
    const request: OpenRequest = { response, started: false, start: undefined }
    this.#open.push(request)
    response.on('close', endOf)
    return request
  }

  #find(response: ServerResponse): OpenRequest | undefined {
    return this.#open.find(each => each.response === response)
  }

  #startNext(): void {
    const next = this.#open.find(({ start }) => start !== undefined)
    // Nothing is begun for a connection that no answer can leave by.
    if (next?.start === undefined || !this.#hasTurn() || !this.#socket.writable) return
    const { start } = next
    next.start = undefined
    next.started = true
    start()
  }

  #hasTurn(): boolean {
    return this.#open.length <= AT_ONCE || this.#open.filter(({ started }) => started).length < AT_ONCE
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
  /** Waits for its turn. */
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

type Keeping = Socket & { [CONNECTION]?: ClientConnection }

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

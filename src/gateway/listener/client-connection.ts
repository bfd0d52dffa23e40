import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hasBody } from '../exchange/framing.js'

/**
 * A client's connection, and the requests on it that have not ended, in their order. Node tells only the response whose
 * turn it is that the connection is gone; those of requests that were pipelined behind it hear `close` from here, or
 * they would wait for ever, without a record.
 */
export class ClientConnection {
  readonly #socket: Socket
  readonly #onRequestEnd: () => void
  // An array, mostly of one: a Map makes a new table for every few requests, and each that has grown old keeps all later
  // ones from the young generation's collector. Requests end in their order, so that they are found at its beginning.
  readonly #open: OpenRequest[] = []
  /** The one that has its turn. */
  #current: OpenRequest | undefined
  /** Those that wait for theirs. */
  readonly #waiting: OpenRequest[] = []
  #ending = false

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

  /** True once what comes on it is no request of anybody's, although Node may hand it over as one. */
  get isEnding(): boolean {
    return this.#ending || this.#socket.destroyed
  }

  /** What has come so far is answered, and nothing more. */
  endHere(): void {
    this.#ending = true
  }

  /**
   * A request has been taken by whoever answers it.
   *
   * @param isThrough its answer is written and in its turn: nobody need wait for its end, unless somebody does already
   */
  taken(response: ServerResponse, isThrough: boolean): void {
    if (isThrough && requestOf(response) === undefined) this.#onRequestEnd()
    else if (this.#isTooMuch(this.#begin(response))) this.#socket.destroy()
  }

  /**
   * Starts what makes a response, now or when those before it are written. Node hands over every request of a segment
   * at once: one client could take all of an upstream's slots with one connection, and what it asked for first could
   * happen last (RFC 9112 section 9.3.2). Answers leave in the order of their requests, so it would gain little by it.
   *
   * @returns false where it waits behind too many; then it is not started, and its connection ends
   */
  inTurn(response: ServerResponse, start: () => void): boolean {
    const request = this.#begin(response)
    if (this.#isTooMuch(request)) return false
    if (this.#current === undefined) {
      this.#current = request
      start()
    } else {
      request.start = start
      this.#waiting.push(request)
    }
    return true
  }

  /** For `endOf`: a response has closed. */
  end(request: OpenRequest): void {
    const at = this.#open.indexOf(request)
    if (at === -1) return
    this.#open.splice(at, 1)
    if (request.isBehind) behindInAll--
    this.#onRequestEnd()
    // One that never had its turn ends as others do whose client has left: by finding its response destroyed.
    takeStart(request)?.()
    if (request !== this.#current) return
    this.#current = undefined
    this.#startNext()
  }

  #begin(response: ServerResponse): OpenRequest {
    const known = requestOf(response)
    if (known !== undefined) return known
    const isBehind = this.#open.length > 0
    if (isBehind) behindInAll++
    const request: OpenRequest = { response, isBehind, start: undefined }
    ;(response as Tracked)[REQUEST] = request
    this.#open.push(request)
    response.on('close', endOf)
    return request
  }

  // Whatever waits behind another is kept, also where it is answered: a refusal of it would only add to that. Not to read
  // from the client meanwhile would be milder, but then nobody would notice that it has left.
  #isTooMuch({ isBehind }: OpenRequest): boolean {
    return isBehind && (this.#open.length > MAX_OPEN || behindInAll > MAX_BEHIND)
  }

  #startNext(): void {
    // Nothing is begun for a connection that no answer can leave by.
    while (this.#current === undefined && this.#waiting.length > 0 && this.#socket.writable) {
      const next = this.#waiting.shift()!
      const start = takeStart(next)
      // None where it has ended meanwhile.
      if (start === undefined) continue
      this.#current = next
      start()
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
  /** It came while another was open. */
  readonly isBehind: boolean
  /** While it waits for its turn. */
  start: (() => void) | undefined
}

function takeStart(request: OpenRequest): OpenRequest['start'] {
  const { start } = request
  request.start = undefined
  return start
}

/** The connection that a client's socket is. */
export function connectionOf(socket: Socket): ClientConnection {
  return (socket as Keeping)[CONNECTION]!
}

/** As `connectionOf`; undefined where TLS was not agreed on. */
export function findConnection(socket: Socket): ClientConnection | undefined {
  return (socket as Keeping)[CONNECTION]
}

/** Says it, once, when the client has connected. */
export function keepConnection(socket: Socket, connection: ClientConnection): void {
  ;(socket as Keeping)[CONNECTION] = connection
}

/** True for a request that is answered already, in its turn, and has no body to come: nobody need wait for its end. */
export function isThrough(request: IncomingMessage, response: ServerResponse): boolean {
  return response.writableEnded && response.socket !== null && !hasBody(request)
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

let behindInAll = 0
// Each is some 10 KB, made of as little as 28 bytes. Browsers pipeline nothing.
const MAX_BEHIND = 2_000
/** Of one connection. */
const MAX_OPEN = 128

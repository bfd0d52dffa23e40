import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Lease, UpstreamPool } from './upstream-pool.js'

/** Why the upstream's answer could not be given to the client. */
export const FAILURE_KINDS = [
  /** The upstream could not be reached, broke off, or answered what is not HTTP. */
  'bad-gateway',
  /** It did not connect or answer in time. */
  'gateway-timeout',
  /** No connection was free in time, or too many requests wait for one. */
  'overloaded',
  'payload-too-large',
  /** The client stopped sending its body. */
  'request-timeout',
] as const
export type Failure = (typeof FAILURE_KINDS)[number]

/** One request to forward and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly pool: UpstreamPool
  /** The exact bytes of path and query to send; never parsed again. */
  readonly path: string
  /** The final request headers: name and value in turn, Host first (`requestHeaders`). */
  readonly headers: string[]
  /** Bytes that the request's body may have, counted on the stream. */
  readonly bodyLimit: number
  /** The client sent `Expect: 100-continue` and has not been answered: it is, once the body is wanted. */
  readonly expectsContinue: boolean
  /**
   * The final response headers from the upstream's. Without hop-by-hop headers: Node frames the answer anew.
   *
   * @param rawHeaders name and value in turn, latin-1 bytes
   */
  responseHeaders(status: number, rawHeaders: readonly Buffer[]): string[]
  /** Writes the gateway's own answer. Called at most once, and only while no response head has been written. */
  refuse(failure: Failure): void
  /** Called once, when the exchange is over. */
  onUpstream?(outcome: UpstreamOutcome): void
  /** Present on a WebSocket handshake: takes over the upstream's socket after its 101. */
  onUpgraded?(upstream: Duplex, rawHeaders: readonly Buffer[]): void
}

export interface UpstreamOutcome {
  /** `cut`: broken off after the head; `client-left`: the client closed its connection first. */
  readonly result: 'complete' | 'upgraded' | 'cut' | 'client-left' | Failure
  /** The status of the upstream's answer, where there was one. */
  readonly status: number | undefined
  /** From `forward` until the outcome. */
  readonly milliseconds: number
  /** An error code such as ECONNREFUSED, for the log; never for the client. */
  readonly code: string | undefined
}

/**
 * Sends a request to its upstream and streams the answer back, both with backpressure. Every way that this can end is
 * one of: the whole answer, `refuse`, or a visible cut of the client's connection.
 */
export function forward(exchange: Exchange): void {
  new Transfer(exchange).start()
}

/**
 * Reads and drops what is left of a request's body, so that the client, which may still be sending, gets to read an
 * answer given early and can use its connection again. Bounded: after 5 s or 16 MiB the connection is closed.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return
  request.resume()
  if (request.complete) return
  let left = DISCARDED_BYTES
  const timer = setTimeout(() => request.socket.destroy(), DISCARDED_MILLISECONDS)
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.socket.destroy()
  })
  request.once('close', () => clearTimeout(timer))
  request.once('end', () => clearTimeout(timer))
}

// A handler of undici's first kind, without onRequestStart: those are called as they are, with the header bytes as
// received; for the other kind undici parses them to an object, which loses their case and order.
class Transfer implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange
  readonly #started = performance.now()
  readonly #hasBody: boolean
  #body: RequestBody | undefined
  #lease: Lease | undefined
  #leaveQueue: (() => void) | undefined
  #status: number | undefined
  #informational = 0
  #answered = false
  #bodyBegun = false
  #retried = false
  #done = false

  constructor(exchange: Exchange) {
    this.#exchange = exchange
    // What follows a WebSocket handshake is no body but the first frames.
    this.#hasBody = hasBody(exchange.request) && exchange.onUpgraded === undefined
  }

  start(): void {
    const { request, response, pool, bodyLimit, expectsContinue } = this.#exchange
    response.on('error', noop)
    response.on('close', this.#onClientClose)
    const refusal = this.#refusal()
    if (response.closed || response.destroyed) this.#abandon('client-left')
    else if (refusal !== undefined) this.#fail(refusal)
    else if (!this.#hasBody) this.#enqueue()
    else {
      if (expectsContinue) response.writeContinue()
      this.#body = new RequestBody(request, bodyLimit, pool.timeouts.idle, {
        // A body that never begins, or whose first chunk is malformed, costs the upstream nothing.
        begun: () => this.#enqueue(),
        tooLarge: () => this.#fail('payload-too-large'),
        stalled: () => this.#fail('request-timeout'),
      })
    }
  }

  // What is known before the client is made to send its body for nothing.
  #refusal(): Failure | undefined {
    const { request, pool, bodyLimit } = this.#exchange
    if (this.#hasBody && Number(request.headers['content-length']) > bodyLimit) return 'payload-too-large'
    return pool.saturated ? 'overloaded' : undefined
  }

  #enqueue(): void {
    if (this.#done) return
    this.#leaveQueue = this.#exchange.pool.acquire({
      granted: lease => {
        this.#lease = lease
        this.#dispatch(lease)
      },
      refused: () => this.#fail('overloaded'),
    })
  }

  #dispatch(lease: Lease): void {
    const { request, path, headers, onUpgraded } = this.#exchange
    lease.dispatch(
      {
        path,
        method: request.method ?? 'GET',
        headers,
        body: this.#body ?? null,
        ...(onUpgraded && { upgrade: 'websocket' }),
      },
      this,
    )
  }

  onConnect(): void {}

  // The first byte of an answer: from here on the request is not sent again.
  onResponseStarted(): void {
    this.#answered = true
  }

  onHeaders(status: number, rawHeaders: Buffer[]): boolean {
    if (status < 200) {
      // 1xx are dropped on purpose: an Early Hint could carry CORS headers, and older clients take one for the answer.
      // 101 to a request that did not ask for it is no HTTP; an endless series would defeat the headers timeout.
      if (status === 101 || ++this.#informational > MAX_INFORMATIONAL) this.#fail('bad-gateway')
      return true
    }
    this.#status = status
    if (status > 599 || !this.#writeHead(status, rawHeaders)) this.#fail('bad-gateway')
    else process.nextTick(flushHead, this)
    return true
  }

  /** A head that no body follows at once goes out alone: the first server-sent event may be minutes away. */
  flushHead(): void {
    if (!this.#done && !this.#bodyBegun) this.#exchange.response.flushHeaders()
  }

  // Never false, which is how a handler asks undici to pause: see `Lease.pause`. A client that stops reading is cut
  // after `timeouts.idle` like an upstream that stops sending; it holds a connection of the pool.
  onData(chunk: Buffer): boolean {
    if (this.#done) return true
    const { response } = this.#exchange
    this.#bodyBegun = true
    if (!response.write(chunk)) {
      this.#lease?.pause()
      response.once('drain', this.#onDrain)
    }
    return true
  }

  onComplete(): void {
    const lease = this.#lease
    if (this.#done || lease === undefined) return
    // undici takes a reset in place of the end for the end, where only the end says how long the body is.
    if (lease.broken) {
      this.#cut(lease.broken)
      return
    }
    this.#lease = undefined
    lease.release()
    this.#end()
  }

  onUpgrade(_status: number, rawHeaders: Buffer[], upstream: Duplex): void {
    upstream.on('error', noop)
    if (this.#done) {
      upstream.destroy()
      return
    }
    this.#status = 101
    // undici has let go of the socket; only the slot is given back.
    this.#abandon('upgraded')
    this.#exchange.onUpgraded?.(upstream, rawHeaders)
  }

  onError(error: Error): void {
    if (this.#done) return
    const { request, response } = this.#exchange
    // undici waits for Content-Length bytes after a 304 too and never gets them; for the client it is whole.
    if (response.headersSent && isBodiless(this.#status, request)) this.#end()
    else if (response.headersSent) this.#cut(error)
    else if (this.#mayRetry(error)) this.#retry()
    else this.#fail(TIMEOUTS.has(codeOf(error) ?? '') ? 'gateway-timeout' : 'bad-gateway', error)
  }

  // Once, and only what cannot do anything twice: an idle connection may be closed by the upstream just as we use it.
  #mayRetry(error: Error): boolean {
    const { method } = this.#exchange.request
    const idempotent = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
    if (!idempotent || this.#body || this.#retried || this.#answered || !this.#lease) return false
    return DEAD_CONNECTION.has(codeOf(error) ?? '')
  }

  #retry(): void {
    if (this.#lease === undefined) return
    this.#retried = true
    this.#lease.renew()
    this.#dispatch(this.#lease)
  }

  // False where the upstream's headers are such that Node refuses to write them.
  #writeHead(status: number, rawHeaders: readonly Buffer[]): boolean {
    const { response } = this.#exchange
    try {
      response.writeHead(status, this.#exchange.responseHeaders(status, rawHeaders))
      return true
    } catch {
      return false
    }
  }

  #end(): void {
    const { request, response } = this.#exchange
    this.#abandon('complete')
    response.end()
    if (this.#hasBody) discardBody(request)
  }

  #fail(failure: Failure, error?: Error): void {
    const { request, response } = this.#exchange
    if (this.#done) return
    if (response.headersSent) {
      this.#cut(error)
      return
    }
    this.#abandon(failure, error)
    this.#exchange.refuse(failure)
    if (this.#hasBody) discardBody(request)
  }

  #cut(error?: Error): void {
    const { request, response } = this.#exchange
    this.#abandon('cut', error)
    // To a client of HTTP/1.0 the end of the connection is the end of the body: only a reset says that it is not.
    // Others get what has been sent so far, and see that the last chunk or byte is missing.
    if (request.httpVersion === '1.0' && !isEncrypted(request)) request.socket.resetAndDestroy()
    else response.destroy()
  }

  readonly #onClientClose = (): void => this.#abandon('client-left')

  readonly #onDrain = (): void => this.#lease?.resume()

  // Ends the exchange and, with its connection, whatever the upstream still does for it.
  #abandon(result: UpstreamOutcome['result'], error?: Error): void {
    if (this.#done) return
    this.#done = true
    const { response } = this.#exchange
    response.off('close', this.#onClientClose)
    response.off('drain', this.#onDrain)
    this.#body?.destroy()
    this.#leaveQueue?.()
    this.#lease?.discard()
    this.#lease = undefined
    const milliseconds = performance.now() - this.#started
    this.#exchange.onUpstream?.({ result, status: this.#status, milliseconds, code: codeOf(error) })
  }
}

interface BodyEvents {
  begun(): void
  tooLarge(): void
  stalled(): void
}

/**
 * A request's body on its way to undici: counted, watched, and apart from the request itself, which undici would
 * destroy with the client's connection when the upstream fails.
 */
class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #limit: number
  readonly #events: BodyEvents
  readonly #timer: NodeJS.Timeout
  #received = 0
  #begun = false
  #paused = false

  constructor(request: IncomingMessage, limit: number, idleMilliseconds: number, events: BodyEvents) {
    super()
    this.#request = request
    this.#limit = limit
    this.#events = events
    this.#timer = setTimeout(() => this.#paused || events.stalled(), idleMilliseconds)
    this.on('error', noop)
    request.on('data', this.#onData).on('end', this.#onEnd)
  }

  override _read(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#timer.refresh()
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#request.off('data', this.#onData).off('end', this.#onEnd)
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#timer.refresh()
    this.#received += chunk.length
    if (this.#received > this.#limit) {
      this.#events.tooLarge()
      return
    }
    if (!this.push(chunk)) {
      this.#paused = true
      this.#request.pause()
    }
    this.#begin()
  }

  readonly #onEnd = (): void => {
    clearTimeout(this.#timer)
    this.push(null)
    this.#begin()
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#events.begun()
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
}

function isBodiless(status: number | undefined, request: IncomingMessage): boolean {
  return status === 204 || status === 304 || request.method === 'HEAD'
}

function isEncrypted({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket
}

function codeOf(error: Error | undefined): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? error?.name
}

function flushHead(transfer: Transfer): void {
  transfer.flushHead()
}

function noop(): void {}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'ETIMEDOUT',
])
const DEAD_CONNECTION: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const MAX_INFORMATIONAL = 32
const DISCARDED_BYTES = 16 * 1024 * 1024
const DISCARDED_MILLISECONDS = 5_000

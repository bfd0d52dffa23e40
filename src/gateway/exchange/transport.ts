import type { Duplex } from 'node:stream'
import type { ExchangeFailure } from '../upstream/failure.js'
import type { Lease } from '../upstream/lease.js'
import type { ResponseHandler } from '../upstream/response-handler.js'
import { MalformedResponse } from '../upstream/response-head.js'
import { causeOf, failureOf, isDeadConnection, NeverSent } from '../upstream/upstream-error.js'
import { cutAnswer } from './cut-answer.js'
import type { Exchange, UpstreamOutcome } from './exchange.js'
import { dropsContent, framedHeaders, hasBody } from './framing.js'
import { discardBody, RequestBody } from './request-body.js'
import { ResponseBody, type ResponseBodyEvents } from './response-body.js'

/**
 * Sends a request to its upstream and streams the answer back, both with backpressure. Every way that this can end is
 * one of: the whole answer, `refuse`, or a visible cut of the client's connection.
 */
export function forward(exchange: Exchange): void {
  new Transfer(exchange).start()
}

class Transfer implements ResponseHandler, ResponseBodyEvents {
  readonly #exchange: Exchange
  readonly #started = performance.now()
  readonly #hasBody: boolean
  #body: RequestBody | undefined
  #lease: Lease | undefined
  #leaveQueue: (() => void) | undefined
  #answer: ResponseBody | undefined
  #deadline: NodeJS.Timeout | undefined
  #status: number | undefined
  #informational = 0
  #answered = false
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
    const { total } = pool.timeouts
    if (total !== undefined) this.#deadline = setTimeout(() => this.#fail('gateway-timeout'), total)
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
  #refusal(): ExchangeFailure | undefined {
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
        upgrade: onUpgraded !== undefined,
      },
      this,
    )
  }

  // The first byte of an answer: from here on the request is not sent again.
  onResponseStarted(): void {
    this.#answered = true
  }

  onHeaders(status: number, rawHeaders: readonly string[]): void {
    if (status < 200) {
      // 1xx are dropped on purpose: an Early Hint could carry CORS headers, and older clients take one for the answer.
      // 101 to a request that did not ask for it is no HTTP; an endless series would defeat the headers timeout.
      if (status === 101)
        this.#fail('bad-gateway', new MalformedResponse('its 101 is not what was asked for'))
      else if (++this.#informational > MAX_INFORMATIONAL)
        this.#fail('bad-gateway', new MalformedResponse('there are too many informational responses'))
      return
    }
    this.#status = status
    const { response, pool } = this.#exchange
    // `parseHead` takes no more than Node writes: what is thrown here is a fault of ours.
    response.writeHead(status, framedHeaders(status, this.#exchange.responseHeaders(status, rawHeaders)))
    this.#answer = new ResponseBody(response, pool.timeouts.idle, this)
  }

  onRead(): void {
    if (!this.#done) this.#answer?.flush()
  }

  onData(chunk: Buffer, isLast: boolean): void {
    if (this.#done || this.#status === undefined || dropsContent(this.#status)) return
    this.#answer?.add(chunk, isLast)
  }

  onWait(): void {
    this.#lease?.pause()
  }

  onGo(): void {
    this.#lease?.resume()
  }

  onStalled(): void {
    this.#cut()
  }

  onComplete(): void {
    const lease = this.#lease
    if (this.#done || lease === undefined) return
    this.#lease = undefined
    lease.release()
    this.#end()
  }

  onUpgrade(rawHeaders: readonly string[], upstream: Duplex): void {
    upstream.on('error', noop)
    if (this.#done) {
      upstream.destroy()
      return
    }
    this.#status = 101
    // The connection has let go of the socket; only the slot is given back.
    this.#abandon('upgraded')
    this.#exchange.onUpgraded?.(upstream, rawHeaders)
  }

  onError(error: Error): void {
    if (this.#done) return
    if (this.#exchange.response.headersSent) this.#cut(error)
    else if (this.#mayRetry(error)) this.#retry()
    else this.#fail(failureOf(error), error)
  }

  onFault(error: unknown): void {
    this.#done = true
    this.#leave()
    this.#exchange.onFault(error)
    if (this.#hasBody) discardBody(this.#exchange.request)
  }

  // Once, and only what cannot do anything twice: an idle connection may be closed by the upstream just as we use it.
  #mayRetry(error: Error): boolean {
    if (this.#retried || !this.#lease) return false
    if (error instanceof NeverSent) return true
    const { method } = this.#exchange.request
    const idempotent = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
    return this.#lease.reused && idempotent && !this.#body && !this.#answered && isDeadConnection(error)
  }

  #retry(): void {
    if (this.#lease === undefined) return
    this.#retried = true
    this.#lease.renew()
    this.#dispatch(this.#lease)
  }

  #end(): void {
    this.#abandon('complete')
    this.#answer?.end()
    if (this.#hasBody) discardBody(this.#exchange.request)
  }

  #fail(failure: ExchangeFailure, error?: Error): void {
    if (this.#done) return
    if (this.#exchange.response.headersSent) this.#cut(error)
    else {
      this.#abandon(failure, error)
      this.#exchange.refuse(failure, causeOf(error))
      if (this.#hasBody) discardBody(this.#exchange.request)
    }
  }

  #cut(error?: Error): void {
    this.#abandon('cut', error)
    this.#answer?.breakOff()
    cutAnswer(this.#exchange.request, this.#exchange.response)
  }

  readonly #onClientClose = (): void => this.#abandon('client-left')

  // Ends the exchange and, with its connection, whatever the upstream still does for it.
  #abandon(result: UpstreamOutcome['result'], error?: Error): void {
    if (this.#done) return
    this.#done = true
    this.#leave()
    const milliseconds = performance.now() - this.#started
    this.#exchange.onUpstream?.({ result, status: this.#status, milliseconds, ...causeOf(error) })
  }

  #leave(): void {
    this.#exchange.response.off('close', this.#onClientClose)
    this.#answer?.stop()
    clearTimeout(this.#deadline)
    this.#body?.destroy()
    this.#leaveQueue?.()
    this.#lease?.discard()
    this.#lease = undefined
  }
}

function noop(): void {}

const MAX_INFORMATIONAL = 32

import type { IncomingMessage, ServerResponse } from 'node:http'
import { detached } from '../../http/detached.js'
import { forwardedHeaders } from '../../http/forwarded.js'
import { printable } from '../../observe/events/printable.js'
import { blameFor, type UpstreamResult } from '../../observe/events/upstream-result.js'
import type { CompiledRoute } from '../../policy/compiled/compiled-policy.js'
import { preservedHost, upstreamPath } from '../../policy/upstream-request.js'
import { answerFault } from '../exchange/answer-fault.js'
import type { UpstreamOutcome } from '../exchange/exchange.js'
import { logFault } from '../listener/guarded.js'
import { answerFailure } from '../request/answer.js'
import type { GatewayParts } from '../request/gateway-parts.js'
import type { RequestContext } from '../request/request-context.js'
import type { ExchangeFailure } from '../upstream/failure.js'
import type { FailureCause } from '../upstream/upstream-error.js'
import type { UpstreamPool } from '../upstream/upstream-pool.js'
import { requestHeaders } from './request-headers.js'
import { clientHeaders, type UpstreamCors } from './response-headers.js'
import { strippedKind } from './stripped-kind.js'

/**
 * What the transport and the tunnel need alike to carry a decided request to its route's upstream: a part of
 * `Exchange`. A class, not closures: one is made for every request.
 */
export class PreparedExchange {
  readonly request: IncomingMessage
  readonly pool: UpstreamPool
  readonly path: string
  readonly headers: string[]
  private readonly parts: GatewayParts
  private readonly context: RequestContext
  private readonly route: CompiledRoute

  /** @throws Error where the decision names no route: such a request is not to be forwarded. */
  constructor(parts: GatewayParts, context: RequestContext) {
    const { route, target } = context.evaluation
    const pool = route && context.generation.pools.get(route.upstream.name)
    if (route === undefined || target === undefined || pool === undefined)
      throw new Error('only a decision that names a route is forwarded')
    this.request = context.raw
    this.pool = pool
    this.path = upstreamPath(route, target)
    this.headers = headersFor(context, route, pool)
    this.parts = parts
    this.context = context
    this.route = route
  }

  /** See `Exchange.responseHeaders`. */
  responseHeaders(status: number, rawHeaders: readonly string[]): string[] {
    this.context.record(status)
    const answer = clientHeaders(this.context.evaluation.decision, rawHeaders)
    if (answer.said.names.length > 0) this.#recordSaid(answer.said)
    return answer.headers
  }

  /** Writes the gateway's own answer; see `Exchange.refuse`. */
  answerFailure(failure: ExchangeFailure, response: ServerResponse, cause?: FailureCause): void {
    this.#logEnd(failure, cause)
    answerFailure(this.context, response, failure)
  }

  /** Refuses what is not to be sent although the decision lets it: an exchange that ends before it begins. */
  refuseUnsent(failure: ExchangeFailure, response: ServerResponse): void {
    this.onUpstream({ result: failure, status: undefined, milliseconds: 0, code: undefined })
    this.answerFailure(failure, response)
  }

  /** See `Exchange.onFault`. */
  answerFault(error: unknown, response: ServerResponse): void {
    logFault(this.parts.recurring, error)
    try {
      this.context.record(500)
    } catch (another) {
      logFault(this.parts.recurring, another)
    }
    answerFault(this.request, response)
  }

  /** See `Exchange.onUpstream`. */
  onUpstream(outcome: UpstreamOutcome): void {
    // Every request ends in exactly one record, also the one whose client did not wait for its answer.
    if (outcome.result === 'client-left') this.context.record(CLIENT_CLOSED_REQUEST)
    // Its answer has begun, so nobody else will say why it is not whole.
    if (outcome.result === 'cut') this.#logEnd('cut', outcome)
    this.parts.recorder.upstream(this.route.upstream.name, outcome)
  }

  #logEnd(failure: UpstreamResult, { code, detail }: FailureCause = {}): void {
    const { name, origin, basePath } = this.route.upstream
    const facts = {
      route: this.route.id,
      upstream: name,
      url: `${origin}${basePath}`,
      failure,
      ...(code !== undefined && { code }),
      ...(detail !== undefined && { detail }),
      requestId: this.context.requestId,
    }
    const alike = [name, failure, code, detail]
    const { recurring } = this.parts
    if (blameFor(failure) === 'upstream') recurring.add('warn', { event: 'upstream.failed', ...facts }, alike)
    else recurring.add('info', { event: 'request.refused', ...facts }, alike)
  }

  #recordSaid({ names, allowOrigin, allowCredentials, exposeHeaders }: UpstreamCors): void {
    const { requestId, generation, evaluation } = this.context
    const event = {
      kind: strippedKind(this.route, names),
      enforced: evaluation.decision.enforced,
      allowOrigin: recordable(allowOrigin, 256),
      allowCredentials,
      exposeHeaders: recordable(exposeHeaders, 512),
      requestId,
      policyRevision: generation.policy.revision,
    }
    this.parts.recorder.corsStripped(event, names.length)
  }
}

// A piece of the response's head, which the record must not keep.
function recordable(text: string | undefined, limit: number): string | undefined {
  return text === undefined ? undefined : detached(printable(text, limit))
}

function headersFor(context: RequestContext, route: CompiledRoute, pool: UpstreamPool): string[] {
  const { facts, peer, raw, requestId, trace } = context
  const receivedFor = peer.trusted ? raw.headers['x-forwarded-for'] : undefined
  return requestHeaders(raw.rawHeaders, {
    authority: preservedHost(route, facts) ?? pool.authority,
    requestId,
    newTrace: trace.made,
    dropOrigin: !route.forwardOrigin,
    forwarded: forwardedHeaders({
      clientAddress: peer.address,
      host: facts.host,
      protocol: peer.scheme,
      trusted: peer.trusted,
      receivedFor: Array.isArray(receivedFor) ? receivedFor.join(', ') : receivedFor,
    }),
  })
}

/** Recorded where the client left before its answer, or its connection ended otherwise: nginx's code; HTTP has none. */
export const CLIENT_CLOSED_REQUEST = 499

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { forwardedHeaders } from '../http/forwarded.js'
import { printable } from '../observe/printable.js'
import type { CompiledRoute } from '../policy/compiled-policy.js'
import { upstreamPath } from '../policy/evaluate.js'
import { answerFailure } from './answer.js'
import type { UpstreamOutcome } from './exchange.js'
import type { Failure } from './failure.js'
import type { GatewayParts } from './gateway-parts.js'
import type { RequestContext } from './request-context.js'
import { requestHeaders } from './request-headers.js'
import { type ClientHeaders, clientHeaders } from './response-headers.js'
import type { UpstreamPool } from './upstream-pool.js'

/** What the transport and the tunnel need alike to carry a decided request to its upstream. */
export interface PreparedExchange {
  readonly request: IncomingMessage
  readonly pool: UpstreamPool
  readonly path: string
  readonly headers: string[]
  responseHeaders(status: number, rawHeaders: readonly Buffer[]): string[]
  /** Writes the gateway's own answer. */
  refuse(failure: Failure, response: ServerResponse): void
  onUpstream(outcome: UpstreamOutcome): void
}

/**
 * Turns a decided request into an exchange with its route's upstream; undefined where the decision names none.
 *
 * @param client closes when the client has its answer, or has left before
 */
export function prepareExchange(
  parts: GatewayParts,
  context: RequestContext,
  client: ServerResponse | Duplex,
): PreparedExchange | undefined {
  const { evaluation, generation, raw } = context
  const { route, target, decision } = evaluation
  const pool = route && generation.pools.get(route.upstream.name)
  if (route === undefined || target === undefined || pool === undefined) return undefined

  // A client that leaves before an answer is recorded too: every request ends in exactly one record.
  client.once('close', () => context.record(CLIENT_CLOSED_REQUEST))
  return {
    request: raw,
    pool,
    path: upstreamPath(route, target),
    headers: headersFor(context, route, pool),
    responseHeaders(status, rawHeaders) {
      context.record(status)
      const answer = clientHeaders(decision, rawHeaders)
      if (answer.stripped.length > 0) recordStripped(parts, context, route, answer)
      return answer.headers
    },
    refuse(failure, response) {
      const { requestId } = context
      parts.log.warn({
        event: 'upstream.failed',
        route: route.id,
        upstream: route.upstream.name,
        failure,
        requestId,
      })
      answerFailure(context, response, failure)
    },
    onUpstream: outcome => parts.recorder.upstream(route.upstream.name, outcome),
  }
}

function recordStripped(
  { recorder }: GatewayParts,
  { requestId, generation }: RequestContext,
  route: CompiledRoute,
  { stripped, claimed }: ClientHeaders,
): void {
  const event = {
    upstream: route.upstream.name,
    route: route.id,
    headers: [...new Set(stripped)].sort(),
    ...(claimed !== undefined && { allowOrigin: printable(claimed, 256) }),
    requestId,
    policyRevision: generation.policy.revision,
  }
  recorder.corsStripped(event, stripped.length)
}

function headersFor(context: RequestContext, route: CompiledRoute, pool: UpstreamPool): string[] {
  const { facts, peer, raw, requestId, newTrace } = context
  const receivedFor = raw.headers['x-forwarded-for']
  return requestHeaders(raw.rawHeaders, {
    authority: pool.authority,
    requestId,
    newTrace,
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

// nginx's code for it; HTTP has none.
const CLIENT_CLOSED_REQUEST = 499

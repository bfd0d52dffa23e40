import { type CorsRequest, classify } from '../cors/classify.js'
import { decide } from '../cors/decide.js'
import { type Decision, decision } from '../cors/decision.js'
import { type NearMiss, nearMiss } from '../cors/near-miss.js'
import { ownOrigin } from '../cors/origins/origin.js'
import type { Reason } from '../cors/reason.js'
import { parseTarget, type Target, type TargetFault } from '../http/target.js'
import type { CompiledPolicy, CompiledRoute } from './compiled/compiled-policy.js'
import { hostName } from './routes/request-host.js'

/** The facts of a request that the policy depends on. */
export interface PolicyRequest extends Omit<CorsRequest, 'ownOrigin'> {
  /** The request target as received. */
  readonly target: string
  /** The Host header as received; empty where there is none. */
  readonly host: string
  /** The scheme under which the client reached us. */
  readonly scheme: 'http' | 'https'
}

/** Everything that was found out about a request: enough to answer it, record it and explain it. */
export interface Evaluation {
  readonly decision: Decision
  /** Undefined where the target has no single reading; then `fault` says why. */
  readonly target: Target | undefined
  readonly fault: TargetFault | undefined
  readonly route: CompiledRoute | undefined
}

/**
 * The one entry to the policy: the listener, the upgrade, `explain`, `test` and the console all come through here.
 *
 * @param now Unix milliseconds
 */
export function evaluate(policy: CompiledPolicy, request: PolicyRequest, now: number): Evaluation {
  const { target, fault } = parseTarget(request.target)
  if (target === undefined)
    return { decision: unrouted(request, 'target-ambiguous'), target, fault, route: undefined }

  const host = hostName(request.host)
  const { route, reason } = policy.table.find(host, target.segments)
  if (
    target.bareSegments !== target.segments &&
    policy.table.find(host, target.bareSegments).route !== route
  ) {
    return {
      decision: unrouted(request, 'target-ambiguous'),
      target: undefined,
      fault: 'path-parameter',
      route: undefined,
    }
  }
  if (route === undefined) return { decision: unrouted(request, reason), target, fault, route }

  // Named one by one: a spread costs more than the decision.
  const facts: CorsRequest = {
    method: request.method,
    origin: request.origin,
    requestMethod: request.requestMethod,
    requestHeaders: request.requestHeaders,
    requestPrivateNetwork: request.requestPrivateNetwork,
    secFetchSite: request.secFetchSite,
    secFetchMode: request.secFetchMode,
    secFetchDest: request.secFetchDest,
    websocket: request.websocket,
    ownOrigin: isOwnOrigin(policy, request),
  }
  return { decision: decide(route.corsPolicy, facts, now), target, fault, route }
}

/** The near miss of a denied evaluation, for records and `explain`; undefined where there is none or the origin is not at fault. */
export function nearMissOf(
  policy: CompiledPolicy,
  evaluation: Evaluation,
  origin: string | undefined,
  now: number,
): NearMiss | undefined {
  const route = routeWithoutOrigin(evaluation)
  return origin === undefined || route === undefined ? undefined : nearMissOn(policy, route, origin, now)
}

/** The entry that an origin which is denied on a route only just misses. */
export function nearMissOn(
  policy: CompiledPolicy,
  route: CompiledRoute,
  origin: string,
  now: number,
): NearMiss | undefined {
  const own = route.corsPolicy.rules.flatMap(rule => rule.origins)
  return nearMiss(origin, own, policy.originSets, now)
}

/** The route of a request that was denied because no rule of it holds the origin; undefined of any other request. */
export function routeWithoutOrigin({ decision, route }: Evaluation): CompiledRoute | undefined {
  const { outcome, rule, reason } = decision
  return outcome === 'denied' && rule === undefined && reason !== 'websocket-not-enabled' ? route : undefined
}

function unrouted(request: PolicyRequest, reason: Reason): Decision {
  const kind = classify({ ...request, ownOrigin: false })
  return decision(kind, reason)
}

// Where the host asked for is one of our public ones, only its own origin is: another public origin is still another
// origin. Where it is none, a proxy in front has renamed it, and the list is all there is to go by.
function isOwnOrigin({ publicOrigins }: CompiledPolicy, { origin, scheme, host }: PolicyRequest): boolean {
  if (origin === undefined) return false
  if (publicOrigins.size === 0) return origin === ownOrigin(scheme, host)
  const asked = [ownOrigin('https', host), ownOrigin('http', host)]
  const isPublic = asked.some(own => own !== undefined && publicOrigins.has(own))
  return publicOrigins.has(origin) && (!isPublic || asked.includes(origin))
}

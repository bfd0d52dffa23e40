import type { NearMiss } from '../../cors/near-miss.js'
import { type NotAllowed, notAllowedBy } from '../../cors/not-allowed.js'
import { mergeVary } from '../../cors/vary.js'
import type { TargetFault } from '../../http/target.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { type Evaluation, nearMissOf, type PolicyRequest } from '../evaluate.js'
import { hostName } from '../routes/request-host.js'
import { preservedHost, upstreamPath } from '../upstream-request.js'
import { type BrowserView, type PageRequest, viewInBrowser } from './browser-view.js'
import { type CandidateRoute, candidateRoutes } from './candidate-routes.js'
import { type NearestRoute, nearestRoutes } from './nearest-routes.js'
import { type RuleTrace, traceRules } from './rule-traces.js'
import { type Verdict, verdictOf } from './verdict.js'

/** How a decision came about, in the order in which it did. */
export interface Explanation {
  readonly request: PolicyRequest
  readonly evaluation: Evaluation
  /** The canonical path, or why there is none. */
  readonly path: string | undefined
  readonly fault: TargetFault | undefined
  readonly candidates: readonly CandidateRoute[]
  /** Where no route holds the request, those that come closest. */
  readonly nearestRoutes: readonly NearestRoute[]
  readonly rules: readonly RuleTrace[]
  readonly nearMiss: NearMiss | undefined
  /** The CORS headers and the Vary that Crossgate writes: name and value in turn. */
  readonly headers: readonly string[]
  /** What a denied preflight announced in vain. */
  readonly notAllowed: NotAllowed | undefined
  /** Where the request goes; undefined where Crossgate answers. */
  readonly upstreamUrl: string | undefined
  /** The Host that it goes with, where that is not the upstream's own. */
  readonly upstreamHost: string | undefined
  readonly browser: BrowserView | undefined
  readonly verdict: Verdict
}

/**
 * Explains a decision that has been made. It decides nothing itself.
 *
 * @param now Unix milliseconds, as the decision was made with
 */
export function explain(
  policy: CompiledPolicy,
  request: PolicyRequest,
  evaluation: Evaluation,
  page: PageRequest,
  now: number,
): Explanation {
  const { target, fault, route, decision } = evaluation
  const { origin } = request
  const isOwn = decision.reason === 'same-origin' || decision.reason === 'websocket-not-enabled'
  const vary = mergeVary(undefined, decision.vary)
  const browser = route === undefined ? undefined : viewInBrowser(policy, request, evaluation, page, now)
  return {
    request,
    evaluation,
    path: target?.path,
    fault,
    candidates: target === undefined ? [] : candidateRoutes(policy, hostName(request.host), target.segments),
    nearestRoutes:
      target === undefined || route !== undefined
        ? []
        : nearestRoutes(policy, hostName(request.host), target.segments),
    rules: route === undefined || origin === undefined || isOwn ? [] : traceRules(route, origin, now),
    nearMiss: nearMissOf(policy, evaluation, origin, now),
    headers: vary === undefined ? decision.headers : [...decision.headers, 'Vary', vary],
    notAllowed: notAllowedBy(decision, request),
    ...(route !== undefined && target !== undefined && decision.action === 'forward'
      ? {
          upstreamUrl: route.upstream.origin + upstreamPath(route, target),
          upstreamHost: preservedHost(route, request),
        }
      : { upstreamUrl: undefined, upstreamHost: undefined }),
    browser,
    verdict: verdictOf(decision, browser),
  }
}

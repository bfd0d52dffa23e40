import type { NearMiss } from '../cors/near-miss.js'
import { normalizeMethod } from '../cors/normalize-method.js'
import { announcedBy } from '../cors/preflight-request.js'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import { type Evaluation, evaluate, nearMissOf, type PolicyRequest } from '../policy/evaluate.js'
import { viewInBrowser } from '../policy/explain/browser-view.js'
import { readPageUrl } from '../policy/explain/page-url.js'

/** What a page's script would do. */
export interface TrialRequest {
  readonly url: string
  /** Empty: no Origin, as with a link. */
  readonly origin: string
  readonly method: string
  /** Names of request headers, separated by commas. */
  readonly headers: string
}

export interface TrialStep {
  readonly name: string
  /** Why the browser sends it. */
  readonly why: string
  readonly evaluation: Evaluation
  readonly nearMiss: NearMiss | undefined
}

export type Trial =
  | {
      readonly steps: readonly TrialStep[]
      /** What a browser makes of it, as `crossgate explain` says it. */
      readonly sentences: readonly string[]
    }
  | { readonly problem: string }

/**
 * What the browser would send for a page's fetch, each decided as a request would be: a preflight first, where the
 * method or a header asks for one (Fetch, "CORS-preflight fetch"), and the request itself if that passes.
 */
export function tryRequest(policy: CompiledPolicy, asked: TrialRequest, now: number): Trial {
  const url = readPageUrl(asked.url)
  if (url === undefined) return { problem: 'Write the URL in full, as https://api.shop.example/orders/1.' }
  const method = normalizeMethod(asked.method)
  if (url.websocket && method !== 'GET') return { problem: 'The handshake of a WebSocket is a GET.' }
  const names = asked.headers
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '')
    .sort()
  const request: PolicyRequest = {
    ...url,
    method,
    origin: asked.origin === '' ? undefined : asked.origin,
    requestMethod: undefined,
    requestHeaders: undefined,
    requestPrivateNetwork: undefined,
    secFetchSite: undefined,
  }
  const decided = (name: string, why: string, facts: PolicyRequest): TrialStep => {
    const evaluation = evaluate(policy, facts, now)
    return { name, why, evaluation, nearMiss: nearMissOf(policy, evaluation, facts.origin, now) }
  }
  // A name alone: a Content-Type is most often JSON, which is not safelisted.
  const page = {
    method,
    headers: names.map(name => [name, name === 'content-type' ? 'application/json' : ''] as const),
  }
  const browser = viewInBrowser(policy, request, page, now)
  const sentences = [
    ...(method === asked.method ? [] : [`Browsers send the method ${asked.method} as ${method}.`]),
    ...(browser?.sentences ?? []),
  ]
  const actual = url.websocket
    ? decided('The handshake', 'sent by the browser; a WebSocket has no preflight', request)
    : decided('The request', 'sent by the page', request)
  if (browser?.preflight === undefined) return { steps: [actual], sentences }
  const preflight = decided('The preflight', `because of ${browser.preflightBecause.join(', ')}`, {
    ...request,
    method: 'OPTIONS',
    ...announcedBy(page),
  })
  const passes =
    preflight.evaluation.decision.outcome === 'allowed' || !preflight.evaluation.decision.enforced
  return { steps: passes ? [preflight, actual] : [preflight], sentences }
}

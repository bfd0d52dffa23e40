import { type CorsRequest, classify, type Kind } from './classify.js'
import { type Decision, type DecisionFacts, decision } from './decision.js'
import { findRule } from './find-rule.js'
import { parseHeaderNames } from './header-name.js'
import { isolationFault, VARY_FETCH_METADATA } from './isolation.js'
import { isAskableMethod, isSafelistedMethod } from './method.js'
import type { Reason } from './reason.js'
import { actualHeaders, allowsHeader, preflightHeaders } from './response-headers.js'
import type { CorsPolicy, Rule } from './rule.js'

/**
 * The one decision about a request on a route: pure, from plain values to a frozen value.
 *
 * @param now Unix milliseconds, for entries that expire
 */
export function decide(policy: CorsPolicy, request: CorsRequest, now: number): Decision {
  const kind = classify(request)
  const route = new RouteTerms(policy, kind)
  if (kind === 'websocket') return decideWebSocket(route, request, now)
  if (request.origin === undefined) return decideWithoutOrigin(route, request)
  if (kind === 'preflight') return decidePreflight(route, request, request.origin, now)
  return decideActual(route, request, request.origin, now)
}

function decideWithoutOrigin(route: RouteTerms, request: CorsRequest): Decision {
  const isolated = route.policy.isolate ? isolationFault(request) : undefined
  if (isolated !== undefined) return route.refuse(isolated)
  const [only] = route.policy.rules
  if (!route.policy.publicOnly || !only || !allowsMethod(only, request.method)) return route.allow('not-cors')
  // A public route's answers are cached for everybody without a Vary, so this one must be the one that pages get.
  return route.allow('not-cors', { headers: actualHeaders(only, '*') })
}

function decideActual(route: RouteTerms, request: CorsRequest, origin: string, now: number): Decision {
  if (isOwnOrigin(request)) return route.allow('same-origin')
  const found = findRule(route.policy.rules, origin, now)
  const { rule } = found
  if (rule !== undefined && allowsMethod(rule, request.method)) {
    return route.allow(rule.anyOrigin ? 'public' : 'origin-allowed', {
      rule,
      headers: actualHeaders(rule, origin),
    })
  }
  if (saysSameOrigin(request)) return route.allow('same-origin')
  if (rule !== undefined) return route.deny('method-not-allowed', { rule })
  // Where denials only strip, a denied Origin must not fare better than none at all.
  const isolated = route.policy.isolate ? isolationFault(request) : undefined
  return isolated === undefined ? route.deny(found.reason) : route.refuse(isolated)
}

function decidePreflight(route: RouteTerms, request: CorsRequest, origin: string, now: number): Decision {
  // Browsers never ask for their own origin; whoever does still gets no upstream to talk to.
  const sameOrigin = { action: 'answer', status: 204 } as const
  if (isOwnOrigin(request)) return route.allow('same-origin', sameOrigin)
  const found = findRule(route.policy.rules, origin, now)
  if (found.rule === undefined)
    return saysSameOrigin(request) ? route.allow('same-origin', sameOrigin) : route.deny(found.reason)

  const { rule } = found
  const method = request.requestMethod ?? ''
  const headers = parseHeaderNames(request.requestHeaders ?? '')
  // What the rule allows can be asked for, and is mostly what is.
  const isAllowed = allowsMethod(rule, method)
  if (headers === undefined || !(isAllowed || isAskableMethod(method)))
    return route.deny('preflight-malformed', { rule })

  const asked = { method, headers, privateNetwork: request.requestPrivateNetwork === 'true' }
  const answer = {
    rule,
    headers: preflightHeaders(rule, origin, asked),
    action: 'answer',
    status: 204,
  } as const
  if (!isAllowed) {
    // The rule's lists tell the browser what is missing; but a safelisted method passes its check whatever the lists
    // say (Fetch, "CORS-preflight fetch" step 7.6), so only an answer without CORS headers stops it.
    return route.deny('method-not-allowed', isSafelistedMethod(method) ? { rule } : answer)
  }
  if (!headers.every(name => allowsHeader(rule, name))) return route.deny('header-not-allowed', answer)
  return route.allow('preflight-allowed', answer)
}

function decideWebSocket(route: RouteTerms, request: CorsRequest, now: number): Decision {
  // Not a question of origins, so report mode does not open it.
  if (!route.policy.websocket) return decision('websocket', 'websocket-not-enabled', { vary: route.vary })
  // CORS does not cover WebSockets, so no header can stop the page afterwards: refuse, even where denials only strip.
  // Browsers always send Origin here, so a missing one is not a page, and nothing can be said for it.
  if (request.origin === undefined) return route.refuse('origin-missing')
  if (isOwnOrigin(request)) return route.allow('same-origin')
  const found = findRule(route.policy.rules, request.origin, now)
  const { rule } = found
  if (rule !== undefined && allowsMethod(rule, request.method))
    return route.allow(rule.anyOrigin ? 'public' : 'origin-allowed', { rule })
  if (saysSameOrigin(request)) return route.allow('same-origin')
  return rule === undefined ? route.refuse(found.reason) : route.refuse('method-not-allowed', { rule })
}

// Sec-Fetch-Site is a forbidden request-header, so no page can forge it: where the browser says that the page is another
// one, its Origin can't be ours. `http://` and `https://` of one host look alike behind a proxy that ends TLS.
function isOwnOrigin({ ownOrigin, secFetchSite }: CorsRequest): boolean {
  return ownOrigin && secFetchSite !== 'cross-site' && secFetchSite !== 'same-site'
}

// Asked only where no rule allows the request: who is no browser can send it with the origin of any page, and an answer
// without CORS headers, kept by a shared cache for that origin, would take the page's own answer away.
function saysSameOrigin({ secFetchSite }: CorsRequest): boolean {
  return secFetchSite === 'same-origin'
}

/** Fetch compares methods byte for byte; HEAD is GET without the body. */
export function allowsMethod(rule: Rule, method: string): boolean {
  if (rule.methods === undefined) return isAskableMethod(method)
  return rule.methods.has(method) || (method === 'HEAD' && rule.methods.has('GET'))
}

/** What every decision on a route shares: its mode and its Vary. */
class RouteTerms {
  readonly policy: CorsPolicy
  readonly vary: readonly string[]
  readonly #kind: Kind

  constructor(policy: CorsPolicy, kind: Kind) {
    this.policy = policy
    if (kind === 'preflight') this.vary = VARY_PREFLIGHT
    else this.vary = policy.isolate ? VARY_ISOLATED : VARY_ORIGIN
    this.#kind = kind
  }

  allow(reason: Reason, facts: DecisionFacts = {}): Decision {
    return this.#decide(reason, facts, facts.action)
  }

  /** Denied as the route says: refused here, or sent on without CORS headers. A preflight is always answered here. */
  deny(reason: Reason, facts: DecisionFacts = {}): Decision {
    const strips = this.policy.onDenied === 'strip' && this.#kind !== 'preflight'
    return this.#decide(reason, facts, facts.action ?? (strips ? 'forward' : 'refuse'))
  }

  refuse(reason: Reason, facts: DecisionFacts = {}): Decision {
    return this.#decide(reason, facts, 'refuse')
  }

  #decide(reason: Reason, facts: DecisionFacts, action: Decision['action'] | undefined): Decision {
    const { rule, headers, status } = facts
    // Report mode records and changes nothing: no header of ours, none of the upstream's removed.
    if (!this.policy.enforced)
      return decision(this.#kind, reason, { rule, action: 'forward', enforced: false })
    return decision(this.#kind, reason, { rule, headers, status, action, vary: this.#varyOf(facts) })
  }

  // A public route's `*` is for everybody. Its few other answers (a stripped one, its own origin's) must not be: from a
  // shared cache, they would take the `*` away from every page. A preflight's answer names what was asked for, or refuses it.
  #varyOf(facts: DecisionFacts): readonly string[] {
    const isAlike = this.#kind !== 'preflight' && !this.policy.isolate && facts.headers !== undefined
    return this.policy.publicOnly && isAlike ? VARY_NOTHING : this.vary
  }
}

const VARY_NOTHING: readonly string[] = Object.freeze([])
const VARY_ORIGIN = Object.freeze(['Origin'])
const VARY_ISOLATED = Object.freeze(['Origin', ...VARY_FETCH_METADATA])
const VARY_PREFLIGHT = Object.freeze([
  'Origin',
  'Access-Control-Request-Method',
  'Access-Control-Request-Headers',
])

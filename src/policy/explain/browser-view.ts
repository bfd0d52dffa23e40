import { MAX_AGE_CAPS } from '../../cors/browser/max-age-caps.js'
import { announcedBy, unsafeHeaders } from '../../cors/browser/preflight-request.js'
import { CHROMIUM_SAFELISTED } from '../../cors/browser/safelisted-request-header.js'
import type { Decision } from '../../cors/decision.js'
import { isForbiddenRequestHeader } from '../../cors/header-name.js'
import { isSafelistedMethod } from '../../cors/method.js'
import { notAllowedBy, notAllowedText } from '../../cors/not-allowed.js'
import { type Origin, parseOrigin } from '../../cors/origins/origin.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { type Evaluation, evaluate, type PolicyRequest } from '../evaluate.js'
import { parseHost } from '../resolve/public-suffix.js'
import { hostName } from '../routes/request-host.js'

/** What a browser makes of it all, as `fetch` in a page would see it. */
export interface BrowserView {
  /** Why a preflight comes first; empty: none does. */
  readonly preflightBecause: readonly string[]
  /** What the preflight gets; undefined where none is needed. */
  readonly preflight: Decision | undefined
  /** What the page gets. `unknown`: report mode leaves it to the upstream. */
  readonly page: 'readable' | 'blocked' | 'unknown'
  /** The same for a request with `credentials: "include"`. */
  readonly pageWithCredentials: 'readable' | 'blocked' | 'unknown'
  /** Sentences for people, in order. */
  readonly sentences: readonly string[]
}

/** The request that a page would make: its own method and headers, the preflight's announced ones included. */
export interface PageRequest {
  readonly method: string
  /** Names and values that the page sets; a value may be empty where it is not known. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/**
 * Plays the browser (Fetch, "HTTP fetch"): the preflight if one is needed, then the request, each put to the policy.
 *
 * @param now Unix milliseconds
 */
export function viewInBrowser(
  policy: CompiledPolicy,
  request: PolicyRequest,
  evaluation: Evaluation,
  page: PageRequest,
  now: number,
): BrowserView | undefined {
  const { origin } = request
  if (origin === undefined) return undefined
  if (request.websocket) return viewOfWebSocket(evaluate(policy, request, now).decision)
  const because = preflightReasons(page)
  const actual =
    evaluation.decision.kind !== 'preflight'
      ? evaluation
      : evaluate(
          policy,
          { ...request, method: page.method, requestMethod: undefined, requestHeaders: undefined },
          now,
        )
  if (actual.decision.reason === 'same-origin' || request.secFetchSite === 'same-origin') {
    return view([], undefined, 'readable', 'readable', [
      'The page has the same origin as the API: CORS plays no part.',
    ])
  }
  const announced = announcedBy(page)
  const preflight =
    because.length === 0
      ? undefined
      : evaluate(policy, { ...request, method: 'OPTIONS', ...announced }, now).decision
  const sentences: string[] = []
  sentences.push(
    preflight === undefined
      ? 'No preflight: the method and the headers are CORS-safelisted.'
      : `A preflight goes first, because of ${because.join(', ')}.`,
  )
  const hints = announced.requestHeaders?.split(',').filter(name => CHROMIUM_SAFELISTED.includes(name)) ?? []
  if (hints.length > 0) {
    sentences.push(
      `Browsers differ: Chromium sends ${hints.join(', ')} without asking, and goes by what is left of the preflight.`,
    )
  }
  if (!actual.decision.enforced) {
    sentences.push(
      'Report mode: the upstream answers as it likes, so what the page gets is up to the upstream.',
    )
    return view(because, preflight, 'unknown', 'unknown', sentences)
  }
  if (preflight !== undefined && preflight.outcome === 'denied') {
    const refused = notAllowedBy(preflight, announced)
    const what = refused === undefined ? '' : `: ${notAllowedText(refused)}`
    sentences.push(
      `The preflight fails (${preflight.reason}${what}): the request itself is never sent, and the page sees a network error.`,
    )
    return view(because, preflight, 'blocked', 'blocked', sentences)
  }
  if (preflight !== undefined) sentences.push(cacheSentence(preflight))
  const { decision } = actual
  const headers = new Map(pairsOf(decision.headers))
  const allowed = headers.get('Access-Control-Allow-Origin')
  const isReadable = allowed === origin || allowed === '*'
  const withCredentials =
    isReadable && allowed === origin && headers.get('Access-Control-Allow-Credentials') === 'true'
  const plain = isReadable ? 'readable' : 'blocked'
  const credentialed = withCredentials ? 'readable' : 'blocked'
  if (decision.outcome === 'denied') {
    sentences.push(deniedSentence(decision, isReadable))
    return view(because, preflight, plain, credentialed, sentences)
  }
  sentences.push(
    isReadable ? readableSentence(headers) : 'The answer has no CORS header: the page sees a network error.',
  )
  sentences.push(
    withCredentials
      ? cookieSentence(origin, request)
      : 'With credentials: "include" the answer is blocked; by default fetch sends no cookies to another origin.',
  )
  return view(because, preflight, plain, credentialed, sentences)
}

function deniedSentence({ action, status }: Decision, isReadable: boolean): string {
  if (action === 'forward')
    return 'The request reaches the upstream, but the answer has no CORS header: the page sees a network error.'
  return isReadable
    ? `Crossgate answers ${status}, which the page can read, and the upstream gets nothing.`
    : `Crossgate answers ${status} without a CORS header: the page sees a network error, and the upstream nothing.`
}

// CORS does not cover it: whether the page gets it is decided by the answer to the handshake alone.
function viewOfWebSocket({ outcome, enforced, action, status }: Decision): BrowserView {
  const sentences = ['No preflight: a WebSocket has none, and needs no CORS header.']
  if (action === 'forward' && !enforced) {
    sentences.push('Report mode: the upstream says whether the page gets its WebSocket.')
    return view([], undefined, 'unknown', 'unknown', sentences)
  }
  if (outcome === 'denied') {
    sentences.push(
      `Crossgate answers ${status}: the page's WebSocket fails, and its script does not learn why.`,
    )
    return view([], undefined, 'blocked', 'blocked', sentences)
  }
  sentences.push(
    'If the upstream agrees (101), the page has its WebSocket and reads all that comes; cookies go along as their SameSite says.',
  )
  return view([], undefined, 'readable', 'readable', sentences)
}

function preflightReasons({ method, headers }: PageRequest): readonly string[] {
  return [
    ...(isSafelistedMethod(method) ? [] : [`the method ${method}`]),
    ...unsafeHeaders(headers).map(([name, value]) =>
      name.toLowerCase() === 'content-type' && value !== ''
        ? `content-type: ${value}`
        : `the header ${name.toLowerCase()}`,
    ),
  ]
}

function cacheSentence(preflight: Decision): string {
  const seconds = Number(new Map(pairsOf(preflight.headers)).get('Access-Control-Max-Age') ?? '5')
  if (seconds === 0) return 'The preflight succeeds and is not kept: every such request asks again.'
  const caps = Object.entries(MAX_AGE_CAPS)
    .filter(([, cap]) => cap < seconds)
    .map(([name, cap]) => `${name} for ${cap} s at most`)
  const capped = caps.length === 0 ? '' : ` (${caps.join(', ')})`
  return `The preflight succeeds, and the browser keeps its answer for ${seconds} s${capped}.`
}

function readableSentence(headers: ReadonlyMap<string, string>): string {
  const exposed = headers.get('Access-Control-Expose-Headers')
  const more =
    exposed === undefined
      ? 'of the headers only the CORS-safelisted ones'
      : `of the headers the CORS-safelisted ones and ${exposed}`
  return `The page can read the answer, and ${more}.`
}

// Cookies are not CORS: they go by site, and by what the cookie says of itself.
function cookieSentence(origin: string, { scheme, host }: PolicyRequest): string {
  const page = parseOrigin(origin)
  const isSameSite = page !== undefined && siteOf(page) === siteOf({ scheme, host: hostName(host) })
  const cookies = isSameSite
    ? 'page and API are of one site, so cookies go along whatever their SameSite says'
    : 'page and API are of two sites, so only cookies with SameSite=None; Secure go along, and some browsers block those too'
  return `With credentials: "include" the page can read it too; ${cookies}.`
}

// Schemeful, as browsers compare (HTML, "site"): an address or a single label is its own site.
function siteOf({ scheme, host }: Pick<Origin, 'scheme' | 'host'>): string {
  return `${scheme}://${parseHost(host).domain ?? host}`
}

/** The headers of a request that its page has set, as against those that the browser adds. */
export function pageHeaders(rawHeaders: readonly string[]): PageRequest['headers'] {
  return pairsOf(rawHeaders).filter(
    ([name, value]) => !isForbiddenRequestHeader(name, value) && !BROWSERS_OWN.has(name.toLowerCase()),
  )
}

function pairsOf(flat: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from(
    { length: flat.length / 2 },
    (_, index) => [flat[2 * index] as string, flat[2 * index + 1] as string] as const,
  )
}

function view(
  preflightBecause: readonly string[],
  preflight: Decision | undefined,
  page: BrowserView['page'],
  pageWithCredentials: BrowserView['page'],
  sentences: readonly string[],
): BrowserView {
  return { preflightBecause, preflight, page, pageWithCredentials, sentences }
}

const BROWSERS_OWN = new Set([
  'user-agent',
  'cache-control',
  'pragma',
  'upgrade-insecure-requests',
  'priority',
])

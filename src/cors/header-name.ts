import { listElements } from '../syntax/list.js'
import { trimOws } from '../syntax/ows.js'
import { isToken } from '../syntax/token.js'
import { isForbiddenMethod } from './method.js'

/**
 * True for a name that no page can set (Fetch, "forbidden request-header"), compared without case. Allowing one
 * in a policy is always a mistake: the browser would never ask for it.
 *
 * @param value where it is known: a header that overrides the method must not name one that is forbidden
 */
export function isForbiddenRequestHeader(name: string, value = ''): boolean {
  const lower = name.toLowerCase()
  if (METHOD_OVERRIDES.has(lower)) return listElements(value).some(isForbiddenMethod)
  return FORBIDDEN.has(lower) || lower.startsWith('proxy-') || lower.startsWith('sec-')
}

/** True for a name that CORS itself writes on responses; it never makes sense as a request header. */
export function isCorsResponseHeader(name: string): boolean {
  const lower = name.toLowerCase()
  return lower.startsWith('access-control-') || lower === 'timing-allow-origin'
}

/** True for a response header that scripts can read without its being exposed (Fetch, "CORS-safelisted response-header name"). */
export function isSafelistedResponseHeader(name: string): boolean {
  return SAFELISTED_RESPONSE.has(name.toLowerCase())
}

/** True for a response header that can never be exposed (Fetch, "forbidden response-header name"). */
export function isForbiddenResponseHeader(name: string): boolean {
  const lower = name.toLowerCase()
  return lower === 'set-cookie' || lower === 'set-cookie2'
}

/** A cap on Access-Control-Request-Headers; over either, the preflight is malformed. */
export const MAX_LIST_BYTES = 4096
export const MAX_LIST_NAMES = 64

/**
 * Reads the value of Access-Control-Request-Headers (several lines joined by a comma): an RFC 9110 list, so empty
 * elements and whitespace around commas are fine. One pass, no split: a hostile list must not cost more than its
 * length (GHSA-mh55-gqvf-xfwm was 127 ms of commas in another implementation).
 *
 * @returns the names in lower case, in order, without duplicates; undefined when over a cap or not a list of names.
 */
export function parseHeaderNames(value: string): readonly string[] | undefined {
  if (value.length > MAX_LIST_BYTES) return undefined
  const names: string[] = []
  for (let start = 0; start <= value.length; ) {
    const comma = value.indexOf(',', start)
    const end = comma === -1 ? value.length : comma
    const name = trimOws(value, start, end)
    start = end + 1
    if (name === '') continue
    if (!isToken(name)) return undefined
    const lower = name.toLowerCase()
    if (names.includes(lower)) continue
    if (names.length === MAX_LIST_NAMES) return undefined
    names.push(lower)
  }
  return names
}

const METHOD_OVERRIDES = new Set(['x-http-method', 'x-http-method-override', 'x-method-override'])

const FORBIDDEN = new Set([
  'accept-charset',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'access-control-request-private-network',
  'connection',
  'content-length',
  'cookie',
  'cookie2',
  'date',
  'dnt',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'referer',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])

const SAFELISTED_RESPONSE = new Set([
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
])

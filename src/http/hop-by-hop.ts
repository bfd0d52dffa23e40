import { listElements } from '../syntax/list.js'

/**
 * True for a header that speaks about one connection and so is never forwarded, in either direction (RFC 9110
 * section 7.6.1, with the older names that servers still send). Trailer is among them because trailers are dropped;
 * the Proxy-* names are meant for the next hop only and would hand it our client's proxy credentials.
 *
 * @param name in lower case
 */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name)
}

/**
 * The headers that the Connection fields of a request name as hop-by-hop, in lower case, less those that a client may
 * not take away: with `Connection: origin, cookie` it could otherwise have the gateway decide on one request and the
 * upstream answer another (GHSA of reply-from #449, Traefik CVE-2024-45410).
 *
 * @param fields the values of all Connection fields
 */
export function nominatedByRequest(fields: readonly string[]): ReadonlySet<string> {
  return nominated(fields, isKeptOnRequests)
}

/**
 * As {@link nominatedByRequest} for a response: an upstream cannot take away what the gateway writes or what
 * browsers rely on, such as Vary (Hono GHSA-79qm-7rj5-m7r9).
 */
export function nominatedByResponse(fields: readonly string[]): ReadonlySet<string> {
  return nominated(fields, isKeptOnResponses)
}

/** The values of all Connection fields. @param rawHeaders name and value in turn */
export function connectionFields(rawHeaders: readonly string[]): readonly string[] {
  const fields: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length === 10 && name.toLowerCase() === 'connection') fields.push(rawHeaders[index + 1]!)
  }
  return fields
}

function nominated(fields: readonly string[], isKept: (name: string) => boolean): ReadonlySet<string> {
  let names: Set<string> | undefined
  for (const field of fields) {
    // What nearly every client sends, and nothing to look up.
    if (field === 'keep-alive' || field === 'close' || field === '') continue
    // Without case: lower-case tokens slipped through another proxy (CVE-2026-29054).
    for (const name of listElements(field.toLowerCase())) {
      if (isHopByHop(name) || isKept(name)) continue
      names ??= new Set()
      names.add(name)
    }
  }
  return names ?? NONE
}

function isKeptOnRequests(name: string): boolean {
  return KEPT_ON_REQUESTS.has(name) || REQUEST_PREFIXES.some(prefix => name.startsWith(prefix))
}

function isKeptOnResponses(name: string): boolean {
  return KEPT_ON_RESPONSES.has(name) || RESPONSE_PREFIXES.some(prefix => name.startsWith(prefix))
}

const NONE: ReadonlySet<string> = new Set()

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const KEPT_ON_REQUESTS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'forwarded',
  'host',
  'origin',
  'referer',
  'x-request-id',
])
const REQUEST_PREFIXES = ['access-control-', 'content-', 'sec-', 'x-forwarded-']

const KEPT_ON_RESPONSES: ReadonlySet<string> = new Set([
  'cache-control',
  'clear-site-data',
  'location',
  'referrer-policy',
  'set-cookie',
  'strict-transport-security',
  'timing-allow-origin',
  'vary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
])
const RESPONSE_PREFIXES = ['access-control-', 'content-', 'cross-origin-', 'sec-']

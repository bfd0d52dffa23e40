import type { HeaderPair } from './vector.js'

/** A request as the Fetch standard judges a response to it. Texts are bytes as latin-1. */
export interface FetchRequest {
  /** Serialised (Fetch, "byte-serializing a request origin"). */
  readonly origin: string
  readonly credentials: 'omit' | 'include'
}

/** A request for which a preflight was sent. */
export interface PreflightedRequest extends FetchRequest {
  readonly method: string
  /** Fetch, "CORS-unsafe request-header names": what Access-Control-Request-Headers named. */
  readonly unsafeHeaders: readonly string[]
}

/**
 * The "CORS check" of the Fetch standard, step by step, on a response's header lines as received. Written from the
 * standard alone: it shares nothing with src, so that both cannot be wrong in the same way.
 */
export function corsCheck(request: FetchRequest, lines: readonly HeaderPair[]): boolean {
  const origin = get(lines, 'access-control-allow-origin') // 1.
  if (origin === undefined) return false // 2.
  if (request.credentials !== 'include' && origin === '*') return true // 3.
  if (request.origin !== origin) return false // 4.
  if (request.credentials !== 'include') return true // 5.
  return get(lines, 'access-control-allow-credentials') === 'true' // 6. to 8.
}

/** "CORS-preflight fetch", step 7, on the response to a preflight. */
export function preflightCheck(
  request: PreflightedRequest,
  status: number,
  lines: readonly HeaderPair[],
): boolean {
  if (!corsCheck(request, lines) || status < 200 || status > 299) return false // 7.
  const methods = extractHeaderListValues(lines, 'access-control-allow-methods') // 7.1.
  const headerNames = extractHeaderListValues(lines, 'access-control-allow-headers') // 7.2.
  if (methods === 'failure' || headerNames === 'failure') return false // 7.3.
  // 7.4. is about the use-CORS-preflight flag, which only upload listeners and streams set.
  const wild = request.credentials !== 'include'
  const { method } = request
  if (!methods?.includes(method) && !SAFELISTED_METHODS.has(method) && !(wild && methods?.includes('*'))) {
    return false // 7.5.
  }
  const allowed = headerNames?.map(lower) ?? []
  for (const name of request.unsafeHeaders.map(lower)) {
    if (name === NON_WILDCARD && !allowed.includes(name)) return false // 7.6.
    if (!allowed.includes(name) && !(wild && allowed.includes('*'))) return false // 7.7.
  }
  return true
}

/** "Get" of a header list: every line of the name, combined. */
function get(lines: readonly HeaderPair[], name: string): string | undefined {
  const values = lines.filter(line => lower(line[0]) === name).map(line => line[1])
  return values.length === 0 ? undefined : values.join(', ')
}

/** "Extract header list values" by the ABNFs `#method` and `#field-name` (RFC 9110 section 5.6.1: empty elements count not). */
function extractHeaderListValues(
  lines: readonly HeaderPair[],
  name: string,
): readonly string[] | undefined | 'failure' {
  const values: string[] = []
  let present = false
  for (const [lineName, value] of lines) {
    if (lower(lineName) !== name) continue
    present = true
    const elements = value.split(',').map(element => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    values.push(...elements.filter(element => element !== ''))
  }
  if (!present) return undefined
  return values.every(value => TOKEN.test(value)) ? values : 'failure'
}

// Byte-lowercase: ASCII only, where toLowerCase would map U+00C0 too.
function lower(text: string): string {
  return text.replace(/[A-Z]/g, letter => letter.toLowerCase())
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const SAFELISTED_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
// "CORS non-wildcard request-header name".
const NON_WILDCARD = 'authorization'

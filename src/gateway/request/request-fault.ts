import type { IncomingMessage } from 'node:http'
import type { Reason } from '../../cors/reason.js'

/** What is wrong with a request before any policy is asked: things on which two parsers could disagree, and caps. */
export function requestFault(request: IncomingMessage, maxHeaders: number): Reason | undefined {
  const { httpVersion, method, headers, rawHeaders } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'request-malformed'
  if (method === 'TRACE' || method === 'CONNECT') return 'method-not-served'
  // Node reads `gzip, chunked` but takes only the chunks away: forwarded, the body would mean something else.
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return 'request-malformed'
  // RFC 9112 section 6.1: HTTP/1.0 had no codings, and whoever passed this one on may have framed it otherwise.
  if (coding !== undefined && httpVersion === '1.0') return 'request-malformed'
  // RFC 9112 section 3.2. HTTP/1.0 knew no Host; such a request is served where a route serves any host.
  if (headers.host === undefined && httpVersion === '1.1') return 'request-malformed'
  if (headers.host !== undefined && !HOST.test(headers.host)) return 'request-malformed'
  // Node takes the first of two Hosts; the next server may take the last.
  if (countHosts(rawHeaders) > 1) return 'request-malformed'
  // Last, for such a request has been read and is refused readably. Node drops what is over its own limit without a
  // word, an Origin at the end included (CVE-2026-58044), so that limit is off and this one refuses.
  return rawHeaders.length > maxHeaders * 2 ? 'too-many-headers' : undefined
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

const HOST = /^(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

import { isAlias, isForwardingMetadata } from '../../http/forwarded.js'
import { connectionFields, isHopByHop, nominatedByRequest } from '../../http/hop-by-hop.js'
import { remembered } from '../../http/remembered.js'

export interface RequestHeaderOptions {
  /** The `host[:port]` to send as Host: the upstream's (`UpstreamPool.authority`), or what its `preserveHost` keeps. */
  readonly authority: string
  readonly requestId: string
  /** A `traceparent` that begins a trace: what the client said of one is not passed on then. */
  readonly newTrace?: string | undefined
  /** What `forwardedHeaders` made: name and value in turn. */
  readonly forwarded: readonly string[]
  /** True for a route with `forwardOrigin: false`. */
  readonly dropOrigin?: boolean
}

/**
 * The headers to send upstream, from those received: the same names in the same case, order and number, less what is
 * hop-by-hop, nominated or ours to say, and ours last. Content-Length stays, once: the transport frames the body by it.
 *
 * @param rawHeaders `IncomingMessage.rawHeaders`: name and value in turn, latin-1
 */
export function requestHeaders(rawHeaders: readonly string[], options: RequestHeaderOptions): string[] {
  const nominated = nominatedByRequest(connectionFields(rawHeaders))
  const headers = ['Host', options.authority]
  let contentLength = false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    const kind = kindOf(name)
    if (kind === 'dropped') continue
    if (kind === 'trace' && options.newTrace !== undefined) continue
    if (kind === 'origin' && options.dropOrigin) continue
    if (kind === 'length') {
      // Node lets a repeated one pass where both say the same; upstreams may not (CVE-2026-1525).
      if (contentLength) continue
      contentLength = true
    }
    if (nominated.size > 0 && nominated.has(name.toLowerCase())) continue
    headers.push(name, rawHeaders[index + 1]!)
  }
  if (options.newTrace !== undefined) headers.push('Traceparent', options.newTrace)
  headers.push(...options.forwarded, 'X-Request-Id', options.requestId)
  return headers
}

const kindOf = remembered((name): 'dropped' | 'trace' | 'origin' | 'length' | 'other' => {
  const lower = name.toLowerCase()
  if (OURS.has(lower) || isHopByHop(lower) || isForwardingMetadata(lower) || isAlias(lower)) return 'dropped'
  if (TRACE_CONTEXT.has(lower)) return 'trace'
  if (lower === 'origin') return 'origin'
  return lower === 'content-length' ? 'length' : 'other'
})

// Expect is answered by us (100 Continue is a matter between two neighbours); the others we write.
const TRACE_CONTEXT: ReadonlySet<string> = new Set(['traceparent', 'tracestate'])
const OURS: ReadonlySet<string> = new Set(['expect', 'host', 'x-request-id'])

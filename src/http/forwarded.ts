import { listElements } from '../syntax/list.js'
import { isToken } from '../syntax/token.js'

/** The connection that a request came by, for the headers that tell the upstream. */
export interface Hop {
  /** Address of the peer that is connected to us, without a port: `192.0.2.1` or `2001:db8::1`. */
  readonly clientAddress: string
  /** The Host that the client asked for; `''` where it sent none. */
  readonly host: string
  readonly protocol: 'http' | 'https'
  /** True where the peer is a proxy that may say whom it forwards for. */
  readonly trusted: boolean
  /** X-Forwarded-For as received (several lines joined by a comma); counts only when trusted. */
  readonly receivedFor?: string | undefined
}

/**
 * The forwarding headers to send, name and value in turn. From an untrusted peer they say what we see and nothing
 * else; a trusted one's X-Forwarded-For is extended. Forwarded (RFC 7239) is written from the same addresses, so
 * that an upstream that prefers it cannot be told another story.
 */
export function forwardedHeaders(hop: Hop): string[] {
  const addresses = hop.trusted ? listElements(hop.receivedFor ?? '') : []
  addresses.push(hop.clientAddress)
  const headers = ['X-Forwarded-For', addresses.join(', '), 'X-Forwarded-Proto', hop.protocol]
  if (hop.host !== '') headers.push('X-Forwarded-Host', hop.host)
  headers.push('Forwarded', forwarded(addresses, hop))
  return headers
}

/**
 * True for a request header that claims to say where a request came from or what it first asked for. The client's
 * own is never passed on, trusted or not: what is true in it comes back by {@link forwardedHeaders}.
 * `Proxy` is among them because CGI turns it into HTTP_PROXY (httpoxy, CVE-2016-5385).
 *
 * @param name in lower case
 */
export function isForwardingMetadata(name: string): boolean {
  return FORWARDING.has(name) || name.startsWith('x-forwarded-')
}

/**
 * True for a name that CGI, WSGI or a lenient server reads as another, security-relevant one: `x_forwarded_for`,
 * `x.real.ip`, `content_length` (Traefik CVE-2026-88011). Other names with `_` or `.` are the application's own.
 *
 * @param name in lower case
 */
export function isAlias(name: string): boolean {
  if (!name.includes('_') && !name.includes('.')) return false
  const meant = name.replace(/[_.]/g, '-')
  return (
    isForwardingMetadata(meant) ||
    ALIASED.has(meant) ||
    ALIASED_PREFIXES.some(prefix => meant.startsWith(prefix))
  )
}

// RFC 7239 section 4: one element per hop, commas between them; host and proto belong to the hop that we saw.
function forwarded(addresses: readonly string[], hop: Hop): string {
  const list = addresses.map(address => `for=${node(address)}`).join(', ')
  const host = hop.host === '' ? '' : `;host=${quoted(hop.host)}`
  return `${list}${host};proto=${hop.protocol}`
}

// RFC 7239 section 6: an IPv6 address stands in brackets and, as `[` and `:` are no token characters, in quotes.
// Two colons make it one; `192.0.2.1:80` has a port and `[2001:db8::1]:80` has its brackets already.
function node(address: string): string {
  const bare = address.indexOf(':') !== address.lastIndexOf(':') && !address.startsWith('[')
  return quoted(bare ? `[${address}]` : address)
}

function quoted(value: string): string {
  if (isToken(value)) return value
  return `"${value.includes('"') || value.includes('\\') ? value.replace(/["\\]/g, '\\$&') : value}"`
}

const FORWARDING: ReadonlySet<string> = new Set([
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'forwarded-for',
  'front-end-https',
  'proxy',
  'proxy-client-ip',
  'true-client-ip',
  'wl-proxy-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-envoy-original-path',
  'x-forwarded',
  'x-host',
  'x-http-host-override',
  'x-original-forwarded-for',
  'x-original-host',
  'x-original-method',
  'x-original-remote-addr',
  'x-original-uri',
  'x-original-url',
  'x-originating-ip',
  'x-real-ip',
  'x-remote-addr',
  'x-remote-ip',
  'x-rewrite-url',
  'x-scheme',
  'x-url-scheme',
])

// Such a name has a separator: one word has no other spelling.
const ALIASED: ReadonlySet<string> = new Set([
  'http2-settings',
  'keep-alive',
  'transfer-encoding',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-request-id',
])
const ALIASED_PREFIXES = ['access-control-', 'content-', 'proxy-', 'sec-']

/** A serialised tuple origin, cut at its bytes and not parsed further: `host` and `port` are slices of `text`. */
export interface Origin {
  readonly text: string
  readonly scheme: string
  /** As sent, brackets included for IPv6. */
  readonly host: string
  /** Digits without the colon; empty where the scheme's default port is meant. */
  readonly port: string
}

/** Longer Origin headers are malformed before they are read. */
export const MAX_ORIGIN_BYTES = 4096

// RFC 1035 section 2.3.4. It also bounds the walk over a host's labels.
const MAX_HOST_BYTES = 253

/**
 * Reads an Origin header as Fetch serialises it ("serializing a request origin"): `scheme://host[:port]`, ASCII,
 * lower case, no default port. Never `new URL`: that maps `https://good.example:443`, `https://GOOD.example/` and
 * `https://good.example\@evil.example` to the same origin, and the whole point is that they are not.
 *
 * @returns undefined for whatever no browser sends: a list, userinfo, a path, upper case, control bytes, empty labels.
 */
export function parseOrigin(text: string): Origin | undefined {
  if (text.length > MAX_ORIGIN_BYTES) return undefined
  // Tested and then cut: a match with groups is an array of strings for every header.
  if (!SERIALISED.test(text)) return undefined
  const colon = text.indexOf(':')
  const start = colon + 3
  const close = text[start] === '[' ? text.indexOf(']', start) + 1 : text.indexOf(':', start)
  const end = close <= 0 ? text.length : close
  const scheme = text.slice(0, colon)
  const host = text.slice(start, end)
  const port = text.slice(end + 1)
  if (host.length > MAX_HOST_BYTES || host.includes('..') || host.startsWith('.')) return undefined
  if (port !== '' && (Number(port) > 65535 || port === defaultPort(scheme))) return undefined
  return { text, scheme, host, port }
}

/** The port that a scheme's URLs leave out (URL, "default port"); empty for schemes that have none. */
export function defaultPort(scheme: string): string {
  return DEFAULT_PORTS.get(scheme) ?? ''
}

/**
 * The origin under which a browser knows this server, from the connection's scheme and the Host header.
 *
 * @returns undefined where there is no usable Host.
 */
export function ownOrigin(scheme: 'http' | 'https', host: string): string | undefined {
  const lower = host.toLowerCase()
  const suffix = `:${defaultPort(scheme)}`
  const authority = lower.endsWith(suffix) ? lower.slice(0, -suffix.length) : lower
  return authority === '' ? undefined : `${scheme}://${authority}`
}

// The URL standard's host code points without upper case, percent and comma: a comma is how Node joins two Origin
// lines, and a percent never survives in a serialised domain. Linear: every class is followed by what it excludes.
const SERIALISED =
  /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9!"$&'()*+\-._;=`{}~]+|\[[0-9a-f:]+\])(?::(?:0|[1-9][0-9]{0,4}))?$/

const DEFAULT_PORTS = new Map([
  ['http', '80'],
  ['https', '443'],
  ['ws', '80'],
  ['wss', '443'],
  ['ftp', '21'],
])

import { BlockList, isIP } from 'node:net'
import { parseHost } from '../policy/resolve/public-suffix.js'

/** A URL to scan, cut into what payloads are made from. */
export interface ScanTarget {
  /** Absolute, without fragment. */
  readonly url: string
  readonly scheme: 'http' | 'https'
  /** Lower case; IPv6 in brackets. */
  readonly host: string
  /** Empty for the scheme's default. */
  readonly port: string
  /** The origin that a page on the same server has. */
  readonly origin: string
  /** Path and query, as sent. */
  readonly path: string
  /** True where the URL itself names a machine that the internet does not: loopback, private address, `.internal`. */
  readonly internal: boolean
}

/** A host and what can be registered around it. */
export interface HostFacts {
  readonly host: string
  /** The registrable domain, private suffixes counted: `tenant.github.io`. Undefined for addresses and single labels. */
  readonly site: string | undefined
  /** The suffix below which anyone can register: `com`, `co.uk`, `github.io`. */
  readonly suffix: string | undefined
}

/** @returns what is wrong, in one sentence, where the text is no http(s) URL to scan. */
export function readTarget(text: string): ScanTarget | { readonly error: string } {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return { error: `"${text}" is no URL: write it in full, as in https://api.example/path` }
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { error: `"${text}" is not http or https` }
  if (url.username !== '' || url.password !== '')
    return { error: 'a URL holds a user name or password: give it as -H "Authorization: Basic …" instead' }
  return {
    url: `${url.origin}${url.pathname}${url.search}`,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname,
    port: url.port,
    origin: url.origin,
    path: url.pathname + url.search,
    internal: isInternalHost(url.hostname),
  }
}

/** Reads the public suffix list, private section included, for one host. */
export function hostFacts(host: string): HostFacts {
  if (isIP(bare(host)) !== 0) return { host, site: undefined, suffix: undefined }
  const { domain, publicSuffix } = parseHost(host)
  return {
    host,
    site: domain ?? undefined,
    suffix: domain === null ? undefined : (publicSuffix ?? undefined),
  }
}

/** True for an address that only this machine or network can reach. */
export function isPrivateAddress(address: string): boolean {
  const plain = bare(address).replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(plain)
  return family !== 0 && PRIVATE.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

function isInternalHost(host: string): boolean {
  if (isIP(bare(host)) !== 0) return isPrivateAddress(host)
  return !host.includes('.') || INTERNAL_NAME.test(host)
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

// RFC 6762, 8375, 6761, and the names that companies have used for as long as there are intranets.
const INTERNAL_NAME = /\.(?:localhost|local|internal|intranet|corp|lan|home|home\.arpa|private)$/

const PRIVATE = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6')

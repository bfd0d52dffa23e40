import type { IncomingMessage } from 'node:http'
import { type BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { rememberedFor } from '../../http/remembered.js'

/** Who sent a request and how they reached us. */
export interface Peer {
  /** The connection's other end. */
  readonly address: string
  /** The client's address: the connection's, or what trusted proxies say it is. */
  readonly client: string
  readonly scheme: 'http' | 'https'
  /** True where the connection comes from a trusted proxy. */
  readonly trusted: boolean
}

/**
 * X-Forwarded-For and X-Forwarded-Proto count only from trusted proxies, and the former only as far as trusted
 * proxies wrote it: the first address from the right that is not one of them is the client.
 */
export function peerOf(request: IncomingMessage, trustedProxies: BlockList): Peer {
  const address = plainAddress(request.socket.remoteAddress ?? '')
  const trusted = isTrusted(trustedProxies, address)
  const scheme = (request.socket as TLSSocket).encrypted ? 'https' : 'http'
  if (!trusted) return { address, client: address, scheme, trusted }
  return {
    address,
    client: forwardedFor(request.headers['x-forwarded-for'], trustedProxies) ?? address,
    scheme: forwardedProto(request.headers['x-forwarded-proto']) ?? scheme,
    trusted,
  }
}

function forwardedFor(header: string | string[] | undefined, trustedProxies: BlockList): string | undefined {
  let client: string | undefined
  for (const hop of String(header ?? '')
    .split(',')
    .reverse()) {
    const address = plainAddress(hop.trim())
    if (isIP(address) === 0) break
    client = address
    if (!isTrusted(trustedProxies, address)) break
  }
  return client
}

function forwardedProto(header: string | string[] | undefined): 'http' | 'https' | undefined {
  return header === 'http' || header === 'https' ? header : undefined
}

// Remembered: a check makes a handle of the address each time, and few addresses come again and again.
const isTrusted = rememberedFor(
  (trustedProxies: BlockList, address) =>
    isIP(address) !== 0 && trustedProxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
  () => 0,
)

/** A dual-stack listener shows IPv4 peers as ::ffff:192.0.2.1. */
export function plainAddress(address: string): string {
  if (!address.startsWith('::ffff:')) return address
  const rest = address.slice(7)
  // A proxy may write the same in hex, of which no address would be left.
  return isIPv4(rest) ? rest : address
}

import type { Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { ResolvedUpstream } from '../../policy/resolved/resolved-policy.js'
import { sharedLookup } from './shared-lookup.js'

/** The contents of the files that the policy's `tls` names. */
export interface TlsMaterial {
  readonly ca?: Buffer | undefined
  readonly cert?: Buffer | undefined
  readonly key?: Buffer | undefined
}

/** Opens a socket to an upstream, with TLS where its URL says so; destroying what it returns calls it off. */
export type Dial = (callback: (...result: [Error, undefined] | [null, Socket]) => void) => Socket

/** How an upstream is dialled; TLS is verified unless the policy says the dangerous word. */
export function dialer(
  { origin, tls, timeouts }: Pick<ResolvedUpstream, 'origin' | 'tls' | 'timeouts'>,
  material: TlsMaterial,
): Dial {
  const { protocol, hostname, host, port } = new URL(origin)
  const target = {
    protocol,
    host,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  }
  const connect = buildConnector({
    timeout: timeouts.connect,
    autoSelectFamily: true,
    lookup,
    rejectUnauthorized: !tls.dangerouslySkipVerify,
    minVersion: 'TLSv1.2',
    ...(material.ca && { ca: material.ca }),
    ...(material.cert && { cert: material.cert }),
    ...(material.key && { key: material.key }),
  })
  return callback =>
    connect(target, (error, socket) =>
      error === null ? callback(null, socket) : callback(error, undefined),
    ) as unknown as Socket
}

// Of all upstreams, and of those of a policy that comes later.
const lookup = sharedLookup()

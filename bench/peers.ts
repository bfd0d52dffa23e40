import type { Peer, PeerOrAbsence } from './peer.js'
import { caddy } from './peers/caddy.js'
import { crossgate } from './peers/crossgate.js'
import { envoy } from './peers/envoy.js'
import { expressStack } from './peers/express.js'
import { fastifyStack } from './peers/fastify.js'
import { haproxy } from './peers/haproxy.js'
import { nginx } from './peers/nginx.js'

/** The peers that are installed, ours first; the others are named on stderr. */
export function installedPeers(wanted: readonly string[] | undefined): readonly Peer[] {
  const all: readonly PeerOrAbsence[] = [
    crossgate({ name: 'crossgate' }),
    crossgate({ name: 'crossgate/denied', flags: ['--audit=denied'] }),
    fastifyStack('fastify'),
    expressStack(),
    nginx(),
    haproxy(),
    envoy(),
    caddy(),
  ]
  return all.flatMap(each => {
    if (wanted !== undefined && !wanted.includes(each.name) && each.name !== 'crossgate') return []
    if (!('absent' in each)) return [each]
    process.stderr.write(`without ${each.name}: ${each.absent}\n`)
    return []
  })
}

import type { Peer, PeerOrAbsence } from './peer.js'
import { crossgate } from './peers/crossgate.js'
import { fastifyStack } from './peers/fastify.js'
import { nginx } from './peers/nginx.js'

/** The peers that are installed, ours first; the others are named on stderr. */
export function installedPeers(wanted: readonly string[] | undefined): readonly Peer[] {
  const all: readonly PeerOrAbsence[] = [
    crossgate({ name: 'crossgate' }),
    crossgate({ name: 'crossgate/denied', flags: ['--audit=denied'] }),
    fastifyStack('fastify'),
    nginx(),
  ]
  return all.flatMap(each => {
    if (wanted !== undefined && !wanted.includes(each.name) && each.name !== 'crossgate') return []
    if (!('absent' in each)) return [each]
    process.stderr.write(`without ${each.name}: ${each.absent}\n`)
    return []
  })
}

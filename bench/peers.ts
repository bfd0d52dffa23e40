import { join } from 'node:path'
import type { Peer, PeerOrAbsence } from './peer.js'
import { bareNode } from './peers/bare.js'
import { caddy } from './peers/caddy.js'
import { crossgate, nodeVersion } from './peers/crossgate.js'
import { envoy } from './peers/envoy.js'
import { expressStack } from './peers/express.js'
import { fastifyStack } from './peers/fastify.js'
import { haproxy } from './peers/haproxy.js'
import { fetched } from './peers/installed.js'
import { nginx } from './peers/nginx.js'

/**
 * The peers that are installed, ours first; the others are named on stderr.
 * @param wanted their names; undefined: all proxies
 * @param nodes paths of more Nodes to run ours with
 */
export function installedPeers(
  wanted: readonly string[] | undefined,
  nodes: readonly string[],
): readonly Peer[] {
  const all: readonly PeerOrAbsence[] = [
    crossgate({ name: 'crossgate' }),
    crossgate({ name: 'crossgate/all', flags: ['--audit=all'] }),
    ...[...nodes, ...fetchedNodes()].map(node => crossgate({ name: `crossgate/${nodeVersion(node)}`, node })),
    fastifyStack('fastify'),
    expressStack(),
    nginx(),
    haproxy(),
    envoy(),
    caddy(),
    bareNode(),
  ]
  const always = ['crossgate', ...nodes.map(node => `crossgate/${nodeVersion(node)}`)]
  return all.flatMap(each => {
    const isWanted =
      wanted === undefined ? 'absent' in each || each.onlyAsked !== true : wanted.includes(each.name)
    if (!isWanted && !always.includes(each.name)) return []
    if (!('absent' in each)) return [each]
    process.stderr.write(`without ${each.name}: ${each.absent}\n`)
    return []
  })
}

/** Other versions than the one that runs us. */
function fetchedNodes(): readonly string[] {
  return fetched(/^node-\d+$/)
    .map(folder => join(folder, `node_modules/node-linux-${process.arch}/bin/node`))
    .filter(node => nodeVersion(node).split('.')[0] !== process.versions.node.split('.')[0])
}

import { fileURLToPath } from 'node:url'
import type { Peer } from '../peer.js'
import { nodeVersion } from './crossgate.js'

/**
 * No proxy: Node's own HTTP server, which answers from memory and decides and records nothing. What it takes is beyond the
 * reach of whatever is built on it.
 */
export function bareNode(): Peer {
  const node = process.execPath
  return {
    name: 'bare',
    variant: true,
    onlyAsked: true,
    title: `node:http alone, Node ${nodeVersion(node)}`,
    warmsUp: true,
    configure: site => ({
      command: [node, fileURLToPath(new URL('../servers/bare.js', import.meta.url)), JSON.stringify(site)],
    }),
  }
}

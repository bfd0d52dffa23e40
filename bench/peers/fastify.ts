import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Peer } from '../peer.js'
import { nodeVersion } from './crossgate.js'

/** The stock stack: Fastify, @fastify/cors and @fastify/http-proxy, put together as their READMEs show. */
export function fastifyStack(name: string, node = process.execPath): Peer {
  return {
    name,
    title: `Fastify ${versionOf('fastify')}, Node ${nodeVersion(node)}`,
    warmsUp: true,
    configure: site => ({
      command: [node, fileURLToPath(new URL('../servers/fastify.js', import.meta.url)), JSON.stringify(site)],
      env: { NODE_ENV: 'production' },
    }),
  }
}

export function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version
}

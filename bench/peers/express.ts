import { fileURLToPath } from 'node:url'
import type { Peer } from '../peer.js'
import { nodeVersion } from './crossgate.js'
import { versionOf } from './fastify.js'

/** express, cors and http-proxy-middleware, put together as their READMEs show. */
export function expressStack(): Peer {
  return {
    name: 'express',
    title: `express ${versionOf('express')}, Node ${nodeVersion(process.execPath)}`,
    warmsUp: true,
    configure: site => ({
      command: [
        process.execPath,
        fileURLToPath(new URL('../servers/express.js', import.meta.url)),
        JSON.stringify(site),
      ],
      env: { NODE_ENV: 'production' },
    }),
  }
}

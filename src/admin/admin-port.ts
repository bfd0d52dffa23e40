import { createServer, type Server } from 'node:http'
import type { Address } from '../setting-values.js'

/**
 * Opens the admin port before the gateway serves, so that a start that cannot have it takes no traffic. Says 503 until
 * `serveAdmin` has something to show; that is loaded later, as no request of the gateway's own waits for it.
 *
 * @throws Error where the port cannot be opened.
 */
export async function openAdminPort({ host, port }: Address): Promise<Server> {
  const server = createServer(LIMITS, (_, response) => {
    response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
    response.end('The gateway is starting.\n')
  })
  server.maxConnections = 256
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

const LIMITS = { maxHeaderSize: 16_384, requestTimeout: 10_000, connectionsCheckingInterval: 1000 }

import { Agent, createServer, get, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Backend {
  readonly port: number
  /** The admin listener, for `/readyz`. */
  readonly admin: number
}

/**
 * A balancer as strict as they come: round robin over the backends whose last probe of `/readyz` said 200, connections
 * kept alive, and no retry of anything; a failure of a backend reaches the client as 502.
 */
export async function startBalancer(t: Test, backends: readonly Backend[], interval = 100) {
  const ready = new Set<Backend>()
  const agents = new Map(backends.map(backend => [backend, new Agent({ keepAlive: true })]))
  let turn = 0
  const probe = (backend: Backend): void => {
    const asked = get({
      host: '127.0.0.1',
      port: backend.admin,
      path: '/readyz',
      agent: false,
      timeout: 1000,
    })
    asked.on('response', (response: IncomingMessage) => {
      response.resume()
      if (response.statusCode === 200) ready.add(backend)
      else ready.delete(backend)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => ready.delete(backend))
  }
  const timer = setInterval(() => backends.forEach(probe), interval)
  const server = createServer((incoming, outgoing) => {
    const candidates = backends.filter(backend => ready.has(backend))
    const backend = candidates[turn++ % candidates.length]
    if (backend === undefined) {
      outgoing.writeHead(503).end('no backend')
      return
    }
    const { method, url, headers } = incoming
    const options = {
      host: '127.0.0.1',
      port: backend.port,
      method,
      path: url,
      headers,
      agent: agents.get(backend),
    }
    const sent = request(options as object, response => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
      response.on('error', () => outgoing.destroy())
    })
    sent.on('error', error => {
      if (!outgoing.headersSent) outgoing.writeHead(502)
      outgoing.end(String(error))
    })
    incoming.pipe(sent)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    clearInterval(timer)
    server.closeAllConnections()
    server.close()
    for (const agent of agents.values()) agent.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    /** Resolves once so many backends are in rotation. */
    async inRotation(count: number): Promise<void> {
      const deadline = Date.now() + 20_000
      while (ready.size !== count) {
        if (Date.now() > deadline) throw new Error(`${ready.size} backends are ready, not ${count}`)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
  }
}

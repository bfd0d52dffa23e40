import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** Milliseconds. */
export interface DrainTimes {
  /** How long connections are still accepted. Whoever routes by readiness moves on meanwhile. */
  readonly delay: number
  /** After that, how long requests in flight may take; then they are cut. */
  readonly timeout: number
}

/**
 * Empties a server without losing a request. Every response from now on ends its connection, so clients move on by
 * themselves; new connections are accepted for `delay`; a kept-alive connection on which nothing happens is left open
 * a little longer, because a request may be on its way on it: Node's own `close` would reset it under that request.
 */
export async function drain(app: FastifyInstance, { delay, timeout }: DrainTimes): Promise<void> {
  const { server } = app
  server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false
  })
  if (delay > 0) await sleep(delay)

  // net.Server's: it stops accepting; http.Server's would also close the idle connections at once.
  const empty = new Promise<void>(resolve => Server.prototype.close.call(server, () => resolve()))
  const overdue = new AbortController()
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS)
  await Promise.race([empty, sleep(timeout, undefined, { signal: overdue.signal })])
  overdue.abort()
  clearInterval(sweep)
  // What is left after the timeout is cut. Switched connections (WebSockets) are not Node's to list: they end with the
  // process, or before it by whoever holds them.
  server.closeAllConnections()
  await app.close()
}

// First after this long: the time that a request may have been on its way.
const SWEEP_MILLISECONDS = 500

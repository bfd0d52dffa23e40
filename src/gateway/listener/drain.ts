import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { cutAccepted } from './accepted.js'

/** Milliseconds. */
export interface DrainTimes {
  /** How long connections are still accepted. Whoever routes by readiness moves on meanwhile. */
  readonly delay: number
  /** After that, how long requests in flight may take; then they are cut. */
  readonly timeout: number
}

/** Without a drain: of what serves nobody yet. */
export const AT_ONCE: DrainTimes = { delay: 0, timeout: 0 }

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
  // Closing resets what the kernel has taken and we have not; right after a turn of the loop that is next to nothing.
  await nextTurn()

  // net.Server's: it stops accepting; http.Server's would also close the idle connections at once.
  const empty = new Promise<void>(resolve => Server.prototype.close.call(server, () => resolve()))
  const quiet = Math.min(QUIET_MILLISECONDS, timeout)
  await within(quiet, empty)
  // WebSockets are told to go, and idle connections are closed; what is in flight goes on.
  const closed = app.close()
  const sweep = setInterval(() => server.closeIdleConnections(), QUIET_MILLISECONDS)
  await within(timeout - quiet, empty)
  clearInterval(sweep)
  cutAccepted(server)
  await closed
}

/** Resolves when it is done, or late: after the milliseconds. */
export async function within(milliseconds: number, done: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  const timer = sleep(milliseconds, undefined, { signal: late.signal }).catch(() => {})
  await Promise.race([done, timer])
  late.abort()
}

// How long a request may have been on its way.
const QUIET_MILLISECONDS = 500

import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { createAuditLog } from '../observe/audit-log.js'
import type { Problem } from '../policy/problem.js'
import type { Settings } from '../settings.js'
import { createGateway } from './app.js'
import type { GatewayParts } from './gateway-parts.js'
import { closeGeneration, openGeneration } from './generation.js'
import { readKeyPair } from './listener-tls.js'
import type { LivePolicy } from './live-policy.js'
import { loadPolicy } from './load-policy.js'
import { LoadShedder } from './load-shedder.js'
import type { PolicyFile } from './policy-source.js'

/** A gateway that serves. */
export interface Running {
  readonly url: string
  /**
   * Stops taking connections and waits for the requests in flight, at most `timeout` milliseconds; then cuts what is
   * left.
   */
  stop(reason: string, timeout: number): Promise<void>
}

/** Why a gateway did not start; no port is open then. */
export interface StartFailure {
  readonly exit: 1 | 2
  readonly message: string
  readonly problems: readonly Problem[]
  readonly files: readonly PolicyFile[]
}

/** Loads the policy and, only if it is whole, opens the port. */
export async function startServer(settings: Settings): Promise<Running | StartFailure> {
  const log = pino(
    { level: settings.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  )
  const audit = createAuditLog(auditDestination(settings), settings.audit)

  const opened = openPolicy(settings)
  if ('exit' in opened) return opened
  const secured = openKeyPair(settings)
  if ('exit' in secured) return secured
  const app = await createGateway({
    settings,
    live: opened,
    audit,
    log,
    load: new LoadShedder(settings),
    ...secured,
  })
  try {
    await app.listen({ host: settings.listen.host, port: settings.listen.port })
  } catch (error) {
    return failure(
      1,
      `cannot listen on ${settings.listen.host}:${settings.listen.port}: ${(error as Error).message}`,
    )
  }
  const { policy } = opened.current
  audit.policyLoaded({ policyRevision: policy.revision, routes: policy.routes.length, path: settings.policy })
  const url = urlOf(app, secured.keyPair === undefined ? 'http' : 'https')
  log.info({ event: 'gateway.started', url, policyRevision: policy.revision })
  return {
    url,
    stop: async (reason, timeout) => {
      log.info({ event: 'gateway.stopping', reason })
      await drain(app, timeout)
      await closeGeneration(opened.current)
      log.info({ event: 'gateway.stopped' })
    },
  }
}

function openPolicy({ policy: path, ceiling }: Settings): LivePolicy | StartFailure {
  try {
    const { policy, problems, files } = loadPolicy(path, { ceiling: ceiling || undefined })
    if (policy === undefined)
      return { exit: 2, message: 'the policy is invalid; nothing was started', problems, files }
    return { current: openGeneration(policy) }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

function openKeyPair(settings: Settings): Pick<GatewayParts, 'keyPair'> | StartFailure {
  try {
    return { keyPair: readKeyPair(settings) }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

function failure(exit: 1 | 2, message: string): StartFailure {
  return { exit, message, problems: [], files: [] }
}

// Synchronous: a record is out before the response it speaks of, and survives whatever kills the process next.
function auditDestination(settings: Settings) {
  return pino.destination({
    dest: settings.auditFile === '-' ? 1 : settings.auditFile,
    sync: true,
    mkdir: true,
  })
}

async function drain(app: FastifyInstance, timeout: number): Promise<void> {
  const deadline = setTimeout(() => app.server.closeAllConnections(), timeout)
  await app.close()
  clearTimeout(deadline)
}

function urlOf(app: FastifyInstance, scheme: 'http' | 'https'): string {
  const { address, family, port } = app.server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

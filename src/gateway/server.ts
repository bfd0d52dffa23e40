import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Activity } from '../observe/activity.js'
import { type AuditLog, createAuditLog } from '../observe/audit-log.js'
import { AuditSink } from '../observe/audit-sink.js'
import { createMetrics, type Metrics, type PoolState } from '../observe/metrics.js'
import type { Problem } from '../policy/problems/problem.js'
import type { Settings } from '../settings.js'
import { createGateway } from './app.js'
import { type DrainTimes, drain } from './listener/drain.js'
import { listenFailure } from './listener/listen-failure.js'
import { readKeyPair } from './listener/listener-tls.js'
import { LoadShedder } from './listener/load-shedder.js'
import { closeGeneration, openGeneration } from './loading/generation.js'
import type { LivePolicy } from './loading/live-policy.js'
import { loadBeside } from './loading/load-beside.js'
import { PolicyControl } from './loading/policy-control.js'
import { type PolicySnapshot, snapshotPolicy } from './loading/policy-snapshot.js'
import type { PolicyFile } from './loading/policy-source.js'
import { operationsLog } from './operations-log.js'
import type { GatewayParts } from './request/gateway-parts.js'
import { createRecorder } from './request/recorder.js'

/** A gateway that serves. */
export interface Running extends Operations {
  readonly url: string
  /** Reads the policy again now. */
  reread(): void
  /** Opens the audit file anew, after a rename. */
  reopenAudit(): void
  /** Drains, as `drain` says; resolves when nothing is left. */
  stop(reason: string, times: DrainTimes): Promise<void>
}

/** What there is to see of a running gateway, for the admin listener. */
export interface Operations {
  readonly live: LivePolicy
  readonly policy: Pick<PolicyControl, 'status'>
  readonly metrics: Metrics
  readonly activity: Activity
  readonly log: Logger
  /** False once it is stopping. */
  readonly ready: boolean
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
  const opened = await openParts(settings)
  if ('exit' in opened) return opened
  const { log, snapshot, live, secured, records } = opened
  const { sink, audit, metrics, activity } = records
  const recorder = createRecorder({ audit, sink, metrics, activity, onError: settings.auditOnError })
  const load = new LoadShedder(settings)
  let app: FastifyInstance
  try {
    app = await createGateway({ settings, live, recorder, log, load, ...secured })
  } catch (error) {
    return failure(1, (error as Error).message)
  }
  try {
    await app.listen({ host: settings.listen.host, port: settings.listen.port })
  } catch (error) {
    return failure(1, listenFailure(settings.listen, error, '--listen'))
  }
  const parts = {
    path: settings.policy,
    ceiling: settings.ceiling || undefined,
    poll: settings.policyPoll,
    loadTimeout: settings.policyLoadTimeout,
    audit,
    metrics,
    activity,
    log,
  }
  const policy = new PolicyControl(parts, live, snapshot)
  const url = urlOf(app, secured.keyPair === undefined ? 'http' : 'https')
  log.info({ event: 'gateway.started', url, policyRevision: live.current.policy.revision })
  let ready = true
  return {
    url,
    live,
    policy,
    metrics,
    activity,
    log,
    get ready() {
      return ready
    },
    reread: () => policy.reread(),
    reopenAudit() {
      try {
        sink.reopen()
        log.info({ event: 'audit.reopened', file: settings.auditFile })
      } catch (error) {
        log.error({ event: 'audit.reopen_failed', error: (error as Error).message })
      }
    },
    stop: async (reason, times) => {
      ready = false
      log.info({ event: 'gateway.stopping', reason })
      policy.close()
      await drain(app, times)
      await closeGeneration(live.current)
      audit.close()
      sink.close()
      log.info({ event: 'gateway.stopped' })
    },
  }
}

/** What a gateway is started from, whether it serves itself or through workers. */
export async function openParts(settings: Settings) {
  const log = operationsLog(settings)
  const snapshot = snapshotPolicy(settings.policy)
  const live = await openPolicy(snapshot, settings)
  if ('exit' in live) return live
  const secured = openKeyPair(settings)
  if ('exit' in secured) return secured
  try {
    return { log, snapshot, live, secured, records: openRecords(settings, live, log) }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

export async function openPolicy(
  { files: read, error }: PolicySnapshot,
  { ceiling, policyLoadTimeout: timeout }: Pick<Settings, 'ceiling' | 'policyLoadTimeout'>,
  share = 1,
  signal?: AbortSignal,
): Promise<LivePolicy | StartFailure> {
  if (error !== undefined) return failure(2, error)
  try {
    const { policy, problems, files } = await loadBeside(read, {
      ceiling: ceiling || undefined,
      timeout,
      signal,
    })
    if (policy === undefined)
      return { exit: 2, message: 'the policy is invalid; nothing was started', problems, files }
    return { current: openGeneration(policy, undefined, share) }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

export function openKeyPair(settings: Settings): Pick<GatewayParts, 'keyPair'> | StartFailure {
  try {
    return { keyPair: readKeyPair(settings) }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

export interface Records {
  readonly sink: AuditSink
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly activity: Activity
}

/** @throws Error with one sentence, where the audit file cannot be opened. */
export function openRecords(
  settings: Settings,
  live: LivePolicy,
  log: Logger,
  activity = new Activity(),
): Records {
  const metrics: Metrics = createMetrics({
    auditFailing: () => sink.failing,
    auditBacklogBytes: () => sink.backlogBytes,
    pools: () => poolStates(live),
  })
  const sink = new AuditSink({
    path: settings.auditFile,
    bufferBytes: settings.auditBuffer,
    onWritten: () => metrics.audit('written'),
    onDropped: () => metrics.audit('dropped'),
    onFailing: error => log.error({ event: 'audit.failing', code: error.code, file: settings.auditFile }),
    onRecovered(dropped) {
      log.warn({ event: 'audit.recovered', dropped })
      if (dropped > 0) audit.dropped(dropped)
    },
  })
  const audit = createAuditLog({
    destination: sink,
    format: settings.auditFormat,
    allowed: settings.audit.allowed,
    window: settings.auditWindow,
    keys: settings.auditKeys,
    onFolded: () => metrics.audit('folded'),
  })
  return { sink, audit, metrics, activity }
}

function* poolStates(live: LivePolicy): Iterable<PoolState> {
  for (const [upstream, pool] of live.current.pools) {
    yield { upstream, active: pool.active, waiting: pool.waiting, ...pool.limits }
  }
}

export function failure(exit: 1 | 2, message: string): StartFailure {
  return { exit, message, problems: [], files: [] }
}

export function urlOf(app: FastifyInstance, scheme: 'http' | 'https'): string {
  const { address, family, port } = app.server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

import type { Logger } from 'pino'
import { Activity } from '../observe/activity.js'
import { type AuditLog, createAuditLog } from '../observe/audit-log.js'
import { AuditSink } from '../observe/audit-sink.js'
import { createMetrics, type Metrics, type PoolState } from '../observe/metrics.js'
import type { Problem } from '../policy/problems/problem.js'
import type { Settings } from '../settings.js'
import { readKeyPair } from './listener/listener-tls.js'
import { openGeneration } from './loading/generation.js'
import type { LivePolicy } from './loading/live-policy.js'
import { loadBeside } from './loading/load-beside.js'
import { type PolicySnapshot, snapshotPolicy } from './loading/policy-snapshot.js'
import type { PolicyFile } from './loading/policy-source.js'
import { operationsLog } from './operations-log.js'
import type { GatewayParts } from './request/gateway-parts.js'

/** Why a gateway did not start; no port is open then. */
export interface StartFailure {
  readonly exit: 1 | 2
  readonly message: string
  readonly problems: readonly Problem[]
  readonly files: readonly PolicyFile[]
}

/** What a gateway is started from, whether it serves itself or through workers. */
export interface OpenedParts {
  readonly log: Logger
  readonly snapshot: PolicySnapshot
  readonly live: LivePolicy
  readonly secured: Pick<GatewayParts, 'keyPair'>
  readonly records: Records & { readonly activity: Activity }
}

/** @param stop ends it: it fails then */
export async function openParts(settings: Settings, stop: AbortSignal): Promise<OpenedParts | StartFailure> {
  const log = operationsLog(settings)
  const snapshot = snapshotPolicy(settings.policy)
  const live = await openPolicy(snapshot, settings, 1, stop)
  if ('exit' in live) return live
  const secured = openKeyPair(settings)
  if ('exit' in secured) return secured
  try {
    return {
      log,
      snapshot,
      live,
      secured,
      records: { ...openRecords(settings, live, log), activity: new Activity() },
    }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

export async function openPolicy(
  { files: read, error }: Pick<PolicySnapshot, 'files' | 'error'>,
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
}

/** @throws Error with one sentence, where the audit file cannot be opened. */
export function openRecords(settings: Settings, live: LivePolicy, log: Logger): Records {
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
  return { sink, audit, metrics }
}

function* poolStates(live: LivePolicy): Iterable<PoolState> {
  for (const [upstream, pool] of live.current.pools) {
    yield { upstream, active: pool.active, waiting: pool.waiting, ...pool.limits }
  }
}

export function failure(exit: 1 | 2, message: string): StartFailure {
  return { exit, message, problems: [], files: [] }
}

import type { Logger } from 'pino'
import { Activity } from '../observe/activity/activity.js'
import type { ActivityEvents } from '../observe/activity/activity-events.js'
import { type AuditLog, createAuditLog } from '../observe/log/audit-log.js'
import { auditOutlet } from '../observe/log/audit-outlet.js'
import { LineSink } from '../observe/log/line-sink.js'
import { Patience } from '../observe/log/patience.js'
import { RecurringLines } from '../observe/log/recurring-lines.js'
import { createMetrics, type Metrics, type PoolState } from '../observe/metrics/metrics.js'
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

/** What serves requests is made from, in a worker too. */
export interface ServingParts<A extends ActivityEvents = ActivityEvents> {
  readonly log: Logger
  /** Of that log, what clients and upstreams cause. */
  readonly recurring: RecurringLines
  readonly live: LivePolicy
  readonly secured: Pick<GatewayParts, 'keyPair'>
  readonly records: Records & { readonly activity: A }
}

/** What a gateway is started from, whether it serves itself or through workers. */
export interface OpenedParts extends ServingParts<Activity> {
  readonly snapshot: PolicySnapshot
}

/** @param stop ends it: it fails then */
export async function openParts(settings: Settings, stop: AbortSignal): Promise<OpenedParts | StartFailure> {
  const snapshot = snapshotPolicy(settings.policy)
  const { files, error } = snapshot
  if (error !== undefined) return failure(2, error)
  const log = operationsLog(settings)
  const activity = new Activity()
  const onAuditChanged = () => activity.changed()
  const parts = await openServing(settings, { files, log, activity, stop, onAuditChanged })
  return 'exit' in parts ? parts : { ...parts, snapshot }
}

export interface ServingOptions<A extends ActivityEvents> extends Pick<ServingParts, 'log'> {
  /** The policy. */
  readonly files: readonly PolicyFile[]
  readonly activity: A
  /** Ends it: it fails then. */
  readonly stop: AbortSignal
  /** As of `openGeneration`. */
  readonly share?: number
  /** The audit log began to fail, or recovered. */
  onAuditChanged?(): void
}

export async function openServing<A extends ActivityEvents>(
  settings: Settings,
  { files: read, log, activity, stop: signal, share, onAuditChanged }: ServingOptions<A>,
): Promise<ServingParts<A> | StartFailure> {
  try {
    const { policy, problems, files } = await loadBeside(read, {
      ceiling: settings.ceiling || undefined,
      timeout: settings.policyLoadTimeout,
      signal,
    })
    if (policy === undefined)
      return { exit: 2, message: 'the policy is invalid; nothing was started', problems, files }
    const live = { current: openGeneration(policy, undefined, share) }
    const secured = { keyPair: readKeyPair(settings) }
    const records = openRecords(settings, live, log, onAuditChanged)
    return { log, recurring: new RecurringLines(log), live, secured, records: { ...records, activity } }
  } catch (error) {
    return failure(2, (error as Error).message)
  }
}

export interface Records {
  readonly sink: LineSink
  readonly audit: AuditLog
  readonly metrics: Metrics
}

/** @throws Error with one sentence, where the audit file cannot be opened. */
function openRecords(settings: Settings, live: LivePolicy, log: Logger, onChanged?: () => void): Records {
  const metrics: Metrics = createMetrics({
    auditFailing: () => sink.failing,
    auditBacklogBytes: () => sink.backlogBytes,
    pools: () => poolStates(live),
  })
  const sink = new LineSink({
    outlet: auditOutlet(settings.auditFile),
    bufferBytes: settings.auditBuffer,
    // 2 % of the time at most: a slow reader is a failing one, and said to be, and not a slow gateway.
    patience: new Patience(100, 5_000),
    retry: 250,
    onWritten: () => metrics.audit('written'),
    onDropped: () => metrics.audit('dropped'),
    onFailing({ code = '' }) {
      const { auditFile: file, auditOnError: onError } = settings
      log.error({ event: 'audit.failing', code, file, onError, hint: failingHint(settings, code) })
      onChanged?.()
    },
    onCloseFailed: error =>
      log.error({ event: 'audit.close_failed', code: error.code, file: settings.auditFile }),
    onRecovered(dropped) {
      log.warn({ event: 'audit.recovered', dropped })
      if (dropped > 0) audit.dropped(dropped)
      onChanged?.()
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

// What happens to requests now, and what ends it.
function failingHint({ auditOnError }: Settings, code: string): string {
  const meanwhile =
    auditOnError === 'deny'
      ? 'every request is refused with 503 and /readyz fails'
      : 'requests are served, their records wait in memory and are dropped beyond --audit-buffer'
  return `${meanwhile}, until records can be written: ${REMEDIES[code] ?? 'see that the file can be written'}`
}

const NO_ROOM = 'free space where the file is'
const NO_READER = 'see to what reads them'
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EFBIG: 'rename the file and send SIGUSR2, or raise the limit of its size',
  EAGAIN: NO_READER,
  EPIPE: NO_READER,
}

function* poolStates(live: LivePolicy): Iterable<PoolState> {
  for (const [upstream, pool] of live.current.pools) {
    yield { upstream, active: pool.active, waiting: pool.waiting, ...pool.limits }
  }
}

export function failure(exit: 1 | 2, message: string): StartFailure {
  return { exit, message, problems: [], files: [] }
}

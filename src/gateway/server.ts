import type { Logger } from 'pino'
import type { Activity } from '../observe/activity/activity.js'
import { type AuditTrouble, joinedTrouble } from '../observe/log/audit-trouble.js'
import type { RecurringLines } from '../observe/log/recurring-lines.js'
import type { Metrics } from '../observe/metrics/metrics.js'
import type { Settings } from '../settings.js'
import { type DataPlane, openDataPlane } from './data-plane.js'
import type { DrainTimes } from './listener/drain.js'
import type { Followers } from './loading/followers.js'
import { closeGeneration } from './loading/generation.js'
import type { LivePolicy } from './loading/live-policy.js'
import { PolicyControl } from './loading/policy-control.js'
import { failure, type OpenedParts, openParts, type StartFailure } from './open-parts.js'
import { endLog } from './operations-log.js'
import { type Readiness, readinessOf } from './readiness.js'

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
  readonly recurring: RecurringLines
  /** What it puts on a request head, and does while records cannot be written. */
  readonly settings: Pick<Settings, 'maxHeaders' | 'maxHeaderBytes' | 'auditOnError'>
  readonly readiness: Readiness
  /** While audit records cannot be written, in one process of it at least. */
  readonly auditTrouble: AuditTrouble | undefined
}

/** A gateway with all that it needs but its port. */
export interface Prepared {
  /** Opens the port. */
  start(): Promise<Running | StartFailure>
}

/** Loads the policy and what serves it. @param stop ends the start: it fails then */
export async function prepareServer(settings: Settings, stop: AbortSignal): Promise<Prepared | StartFailure> {
  const opened = await openParts(settings, stop)
  if ('exit' in opened) return opened
  try {
    const plane = await openDataPlane(settings, opened)
    return { start: () => startServer(settings, opened, plane) }
  } catch (error) {
    return failure(1, (error as Error).message)
  }
}

async function startServer(
  settings: Settings,
  opened: OpenedParts,
  plane: DataPlane,
): Promise<Running | StartFailure> {
  try {
    const url = await plane.listen()
    const { metrics } = opened.records
    return runGateway(settings, opened, { url, metrics, serving: true, stop: plane.stop })
  } catch (error) {
    return failure(1, (error as Error).message)
  }
}

/** What serves: this process, or its workers. */
export interface ServingPlane {
  readonly url: string
  readonly metrics: Metrics
  /** True where it could serve a request. */
  readonly serving: boolean
  /** Of its audit records, where processes of its own write them. */
  readonly auditTrouble?: AuditTrouble | undefined
  /** Who has to take a new policy too. */
  readonly followers?: Followers
  reopenAudit?(): void
  /** Drains. */
  stop(times: DrainTimes): Promise<void>
}

/** From here on the gateway serves: follows its policy, and does what it is told. */
export function runGateway(settings: Settings, opened: OpenedParts, plane: ServingPlane): Running {
  const { log, recurring, snapshot, live, records } = opened
  const { sink, audit, metrics, activity } = records
  const { url, followers } = plane
  const parts = {
    path: settings.policy,
    ceiling: settings.ceiling || undefined,
    poll: settings.policyPoll,
    loadTimeout: settings.policyLoadTimeout,
    audit,
    metrics,
    activity,
    log,
    ...(followers && { followers }),
  }
  const policy = new PolicyControl(parts, live, snapshot)
  const { revision: policyRevision } = live.current.policy
  const { workers } = settings
  log.info({ event: 'gateway.started', url, policyRevision, ...(workers > 1 && { workers }) })
  let stopping = false
  const trouble = (): AuditTrouble | undefined => joinedTrouble([sink.trouble, plane.auditTrouble])
  return {
    url,
    live,
    policy,
    metrics: plane.metrics,
    activity,
    log,
    recurring,
    settings,
    get readiness() {
      return readinessOf(settings, { stopping, serving: plane.serving, trouble: trouble() })
    },
    get auditTrouble() {
      return trouble()
    },
    reread: () => policy.reread(),
    reopenAudit() {
      try {
        sink.reopen()
        plane.reopenAudit?.()
        log.info({ event: 'audit.reopened', file: settings.auditFile })
      } catch (error) {
        log.error({ event: 'audit.reopen_failed', error: (error as Error).message })
      }
    },
    stop: async (reason, times) => {
      stopping = true
      log.info({ event: 'gateway.stopping', reason })
      const settled = policy.close()
      await plane.stop(times)
      await settled
      await closeGeneration(live.current)
      audit.close()
      sink.close()
      recurring.close()
      log.info({ event: 'gateway.stopped' })
      endLog(log)
    },
  }
}

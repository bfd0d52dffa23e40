import type { Logger } from 'pino'
import type { Activity } from '../../observe/activity/activity.js'
import type { ReloadTrigger } from '../../observe/events/operations-event.js'
import { printable } from '../../observe/events/printable.js'
import type { AuditLog } from '../../observe/log/audit-log.js'
import type { Metrics } from '../../observe/metrics/metrics.js'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import type { PolicyChange } from '../../policy/diff/policy-changes.js'
import type { Problem } from '../../policy/problems/problem.js'
import { listedProblems, MAX_LISTED } from './listed-problems.js'
import type { LivePolicy } from './live-policy.js'
import type { Refusal } from './next-generation.js'

/** One time the policy was read. */
export interface ReloadRecord {
  /** Unix milliseconds. */
  readonly at: number
  readonly outcome: 'loaded' | 'rejected'
  readonly trigger: ReloadTrigger
  /** The revision in force afterwards. */
  readonly revision: string
  readonly previousRevision: string | undefined
  readonly changes: readonly PolicyChange[]
  /** For a rejected one, a sentence and where the mistakes are. */
  readonly error: string | undefined
  readonly problems: readonly Problem[]
}

/** The policy in force, as `/policy` and the console show it. */
export interface PolicyStatus {
  readonly path: string
  /** Counts from 1. */
  readonly generation: number
  readonly loadedAt: number
  /** The problem with what is on disk now; undefined where that is what is in force. */
  readonly lastError: ReloadRecord | undefined
  /** Latest first, bounded. */
  readonly history: readonly ReloadRecord[]
}

export interface PolicyHistoryParts {
  readonly path: string
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly activity: Activity
  readonly log: Logger
}

/** What became of each policy that was read: told to the log, the metrics and the audit log, and kept for the console. */
export class PolicyHistory {
  readonly #parts: PolicyHistoryParts
  readonly #live: LivePolicy
  #generation = 0
  #loadedAt = 0
  #lastError: ReloadRecord | undefined
  #history: ReloadRecord[] = []

  /** Begins with the policy in force. */
  constructor(parts: PolicyHistoryParts, live: LivePolicy) {
    this.#parts = parts
    this.#live = live
    this.loaded('start', undefined, [])
  }

  get status(): PolicyStatus {
    return {
      path: this.#parts.path,
      generation: this.#generation,
      loadedAt: this.#loadedAt,
      lastError: this.#lastError,
      history: this.#history,
    }
  }

  /** What is on disk can be loaded. @returns whether it could not the last time */
  recover(): boolean {
    const recovered = this.#lastError !== undefined
    this.#lastError = undefined
    return recovered
  }

  /** A policy came into force; it is the one of `live` by now. */
  loaded(
    trigger: ReloadTrigger,
    previousRevision: string | undefined,
    changes: readonly PolicyChange[],
  ): void {
    const { audit, metrics, activity, path } = this.#parts
    this.#generation++
    this.#loadedAt = Date.now()
    const { policy } = this.#live.current
    const { revision, routes, resolved } = policy
    countPolicy(metrics, policy, this.#generation)
    activity.keepUpstreams(new Set(resolved.upstreams.keys()))
    audit.policyLoaded({
      policyRevision: revision,
      routes: routes.length,
      path,
      trigger,
      ...(previousRevision !== undefined && {
        previousRevision,
        changes: changes.slice(0, MAX_LISTED).map(({ summary }) => summary),
      }),
    })
    this.#remember({ trigger, outcome: 'loaded', previousRevision, changes, error: undefined, problems: [] })
  }

  /** The policy on disk was refused; the one in force stays. */
  rejected({ error, problems }: Refusal, trigger: ReloadTrigger): void {
    const { audit, metrics, log, path } = this.#parts
    const policyRevision = this.#live.current.policy.revision
    const listed = listedProblems(problems)
    metrics.reload('rejected')
    audit.policyRejected({ policyRevision, path, trigger, error: printable(error, 500), problems: listed })
    log.error({ event: 'policy.rejected', trigger, policyRevision, error, problems: listed })
    this.#lastError = this.#remember({
      trigger,
      outcome: 'rejected',
      previousRevision: policyRevision,
      changes: [],
      error,
      problems,
    })
  }

  #remember(facts: Omit<ReloadRecord, 'at' | 'revision'>): ReloadRecord {
    const record = { at: Date.now(), revision: this.#live.current.policy.revision, ...facts }
    this.#history = [record, ...this.#history].slice(0, MAX_HISTORY)
    this.#parts.activity.changed()
    return record
  }
}

/** Tells the metrics which policy is in force. @param generation how many there have been */
export function countPolicy(metrics: Metrics, policy: CompiledPolicy, generation: number): void {
  const { revision, routes, resolved } = policy
  metrics.policy(
    revision,
    generation,
    new Set(routes.map(({ id }) => id)),
    new Set(resolved.upstreams.keys()),
  )
}

const MAX_HISTORY = 50

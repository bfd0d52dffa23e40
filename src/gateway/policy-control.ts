import type { Logger } from 'pino'
import type { Activity } from '../observe/activity.js'
import type { AuditLog } from '../observe/audit-log.js'
import type { Metrics } from '../observe/metrics.js'
import type { ReloadTrigger } from '../observe/operations-event.js'
import { printable } from '../observe/printable.js'
import { type PolicyChange, policyChanges } from '../policy/policy-changes.js'
import type { Problem } from '../policy/problem.js'
import { changesSummary } from './changes-summary.js'
import type { Followers } from './followers.js'
import { closeGeneration, openGeneration, tlsFilesOf } from './generation.js'
import type { Generation, LivePolicy } from './live-policy.js'
import { loadPolicyFiles, withoutCeiling } from './load-policy.js'
import { type PolicySnapshot, snapshotPolicy } from './policy-snapshot.js'
import { PolicyWatch } from './policy-watch.js'

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

export interface PolicyControlParts {
  readonly path: string
  /** The file that bounds the policy; its change is a change too. */
  readonly ceiling: string | undefined
  readonly poll: number
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly activity: Activity
  readonly log: Logger
  /** Other processes that serve the same policy, all or none of a new one. */
  readonly followers?: Followers
}

/** Keeps the policy in force the one on disk, and the last good one where that is bad. */
export class PolicyControl {
  readonly #parts: PolicyControlParts
  readonly #live: LivePolicy
  readonly #watch: PolicyWatch
  #generation = 1
  #loadedAt = Date.now()
  #lastError: ReloadRecord | undefined
  #history: ReloadRecord[] = []
  /** One reload at a time. */
  #turn: Promise<void> = Promise.resolve()

  /** @param snapshot what `live` was made from */
  constructor(parts: PolicyControlParts, live: LivePolicy, snapshot: PolicySnapshot) {
    this.#parts = parts
    this.#live = live
    this.#inForce('start', undefined, [])
    this.#watch = new PolicyWatch({
      path: parts.path,
      poll: parts.poll,
      hash: this.#hashNow(snapshot),
      extraFiles: () => this.#extraFiles(),
      onChange: (snapshot, trigger) => this.#take(snapshot, trigger),
    })
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

  /** Reads the policy now, as SIGHUP asks. */
  reread(): void {
    const snapshot = snapshotPolicy(this.#parts.path, this.#extraFiles())
    this.#watch.known(snapshot.hash)
    this.#take(snapshot, 'sighup')
  }

  close(): void {
    this.#watch.close()
  }

  #take(snapshot: PolicySnapshot, trigger: ReloadTrigger): void {
    const { followers } = this.#parts
    if (followers !== undefined) {
      this.#turn = this.#turn.then(() => this.#takeTogether(snapshot, trigger, followers))
      return
    }
    const next = this.#open(snapshot)
    if ('error' in next) this.#reject(next, trigger)
    else this.#accept(next, snapshot, trigger)
  }

  async #takeTogether(snapshot: PolicySnapshot, trigger: ReloadTrigger, followers: Followers): Promise<void> {
    const next = this.#open(snapshot)
    if ('error' in next) return this.#reject(next, trigger)
    // Within the ceiling, as was just seen: they need not look at it again, when it may be another.
    const refusal = await followers.prepare(withoutCeiling(snapshot.files, this.#parts.ceiling))
    if (refusal === undefined) {
      followers.commit()
      this.#accept(next, snapshot, trigger)
      return
    }
    followers.abort()
    void closeGeneration(next, this.#live.current)
    this.#reject({ error: `a worker could not take it: ${refusal}`, problems: [] }, trigger)
  }

  #accept(next: Generation, snapshot: PolicySnapshot, trigger: ReloadTrigger): void {
    this.#swap(next, trigger)
    this.#watch.known(this.#hashNow(snapshot))
  }

  #extraFiles(): readonly string[] {
    const { ceiling } = this.#parts
    const files = tlsFilesOf(this.#live.current.policy)
    return ceiling === undefined ? files : [...files, ceiling]
  }

  // With the files that the policy now in force names; nothing is known where the policy has changed meanwhile.
  #hashNow({ content }: PolicySnapshot): string {
    const now = snapshotPolicy(this.#parts.path, this.#extraFiles())
    return now.content === content ? now.hash : ''
  }

  #open(snapshot: PolicySnapshot): Generation | Refusal {
    if (snapshot.error !== undefined) return { error: snapshot.error, problems: [] }
    const { ceiling } = this.#parts
    try {
      const { policy, problems } = loadPolicyFiles(snapshot.files, { ceiling, serving: true })
      if (policy !== undefined) return openGeneration(policy, this.#live.current)
      const errors = problems.filter(problem => problem.severity === 'error')
      return {
        error: `the policy has ${errors.length} error${errors.length === 1 ? '' : 's'}`,
        problems: errors,
      }
    } catch (error) {
      return { error: (error as Error).message, problems: [] }
    }
  }

  #swap(next: Generation, trigger: ReloadTrigger): void {
    const { metrics, log } = this.#parts
    const previous = this.#live.current
    const recovered = this.#lastError !== undefined
    this.#lastError = undefined
    const samePools = [...next.pools].every(([name, pool]) => previous.pools.get(name) === pool)
    if (next.policy.revision === previous.policy.revision && samePools && !recovered) {
      metrics.reload('unchanged')
      log.info({ event: 'policy.unchanged', trigger, policyRevision: next.policy.revision })
      // Comments and positions may differ, which the console shows.
      this.#live.current = next
      return
    }
    this.#live.current = next
    this.#generation++
    this.#loadedAt = Date.now()
    void closeGeneration(previous, next)
    metrics.reload('loaded')
    const changes = policyChanges(previous.policy, next.policy, Date.now())
    this.#inForce(trigger, previous.policy.revision, changes)
    log.info({
      event: 'policy.reloaded',
      trigger,
      policyRevision: next.policy.revision,
      previousRevision: previous.policy.revision,
      summary: changesSummary(changes),
    })
  }

  #inForce(
    trigger: ReloadTrigger,
    previousRevision: string | undefined,
    changes: readonly PolicyChange[],
  ): void {
    const { audit, metrics, activity, path } = this.#parts
    const { revision, routes, resolved } = this.#live.current.policy
    const upstreams = new Set(resolved.upstreams.keys())
    metrics.policy(revision, this.#generation, new Set(routes.map(route => route.id)), upstreams)
    activity.keepUpstreams(upstreams)
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

  #reject({ error, problems }: Refusal, trigger: ReloadTrigger): void {
    const { audit, metrics, log, path } = this.#parts
    const policyRevision = this.#live.current.policy.revision
    const listed = problems
      .slice(0, MAX_LISTED)
      .map(({ file, line, column, code, message }) =>
        printable(`${file}:${line}:${column}: ${code} ${message}`, 500),
      )
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

interface Refusal {
  readonly error: string
  readonly problems: readonly Problem[]
}

const MAX_HISTORY = 50
const MAX_LISTED = 20

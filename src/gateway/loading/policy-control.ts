import type { ReloadTrigger } from '../../observe/events/operations-event.js'
import { changesSummary } from './changes-summary.js'
import type { Followers } from './followers.js'
import { closeGeneration, putInForce } from './generation.js'
import type { LivePolicy } from './live-policy.js'
import { withoutCeiling } from './load-policy.js'
import { type NextGeneration, openNext, type Refusal } from './next-generation.js'
import { PolicyHistory, type PolicyHistoryParts, type PolicyStatus } from './policy-history.js'
import { type PolicySnapshot, snapshotPolicy } from './policy-snapshot.js'
import { PolicyWatch } from './policy-watch.js'
import { tlsFilesOf } from './tls-material.js'

export interface PolicyControlParts extends PolicyHistoryParts {
  /** The file that bounds the policy; its change is a change too. */
  readonly ceiling: string | undefined
  readonly poll: number
  /** Milliseconds that a policy may take to load. */
  readonly loadTimeout: number
  /** Other processes that serve the same policy, all or none of a new one. */
  readonly followers?: Followers
}

/** Keeps the policy in force the one on disk, and the last good one where that is bad. */
export class PolicyControl {
  readonly #parts: PolicyControlParts
  readonly #live: LivePolicy
  readonly #watch: PolicyWatch
  readonly #history: PolicyHistory
  /** The number of the last policy that was read, loaded or not. */
  #latest = 0
  readonly #closing = new AbortController()
  /** One reload at a time. */
  #turn: Promise<void> = Promise.resolve()

  /** @param snapshot what `live` was made from */
  constructor(parts: PolicyControlParts, live: LivePolicy, snapshot: PolicySnapshot) {
    this.#parts = parts
    this.#live = live
    this.#history = new PolicyHistory(parts, live)
    this.#watch = new PolicyWatch({
      path: parts.path,
      poll: parts.poll,
      hash: this.#hashNow(snapshot),
      extraFiles: () => this.#extraFiles(),
      onChange: (snapshot, trigger) => this.#take(snapshot, trigger),
    })
  }

  get status(): PolicyStatus {
    return this.#history.status
  }

  /** Reads the policy now, as SIGHUP asks. */
  reread(): void {
    const snapshot = snapshotPolicy(this.#parts.path, this.#extraFiles())
    this.#watch.known(snapshot.hash)
    this.#take(snapshot, 'sighup')
  }

  /** Takes no policy any more, and gives up the one that loads. Resolves when nothing more is recorded. */
  close(): Promise<void> {
    this.#closing.abort()
    this.#watch.close()
    return this.#turn
  }

  // In the order in which they were read, so that a slow one never replaces a newer one; what is still waiting when a
  // newer one comes is not loaded at all.
  #take(snapshot: PolicySnapshot, trigger: ReloadTrigger): void {
    const number = ++this.#latest
    this.#turn = this.#turn
      .then(async () => {
        if (number === this.#latest && !this.#closing.signal.aborted) await this.#takeNow(snapshot, trigger)
      })
      .catch((error: Error) => this.#reject({ error: error.message, problems: [] }, trigger))
  }

  async #takeNow(snapshot: PolicySnapshot, trigger: ReloadTrigger): Promise<void> {
    const number = this.#latest
    const next = await this.#open(snapshot)
    if ('error' in next) {
      this.#reject(next, trigger)
      return
    }
    const refusal = await this.#offer(snapshot, next.policy.revision)
    const { followers } = this.#parts
    if (refusal !== undefined || this.#closing.signal.aborted) {
      followers?.abort()
      void closeGeneration(next, this.#live.current)
      this.#reject(refusal, trigger)
      return
    }
    followers?.commit()
    this.#swap(next, trigger)
    if (number === this.#latest) this.#watch.known(this.#hashNow(snapshot))
  }

  /** @returns why another process cannot take it */
  async #offer({ files }: PolicySnapshot, policyRevision: string): Promise<Refusal | undefined> {
    const { followers, ceiling, log } = this.#parts
    // They stop as well.
    if (followers === undefined || this.#closing.signal.aborted) return undefined
    log.debug({ event: 'policy.offered', policyRevision })
    // Within the ceiling, as was just seen: they need not look at it again, when it may be another.
    const refusal = await followers.prepare(withoutCeiling(files, ceiling))
    return refusal && { ...refusal, error: `a worker could not take it: ${refusal.error}` }
  }

  // What fails because the gateway stops says nothing about the policy.
  #reject(refusal: Refusal | undefined, trigger: ReloadTrigger): void {
    if (refusal !== undefined && !this.#closing.signal.aborted) this.#history.rejected(refusal, trigger)
  }

  #extraFiles(): readonly string[] {
    const { ceiling } = this.#parts
    const files = tlsFilesOf(this.#live.current.policy.resolved)
    return ceiling === undefined ? files : [...files, ceiling]
  }

  // With the files that the policy now in force names; nothing is known where the policy has changed meanwhile.
  #hashNow({ content }: PolicySnapshot): string {
    const now = snapshotPolicy(this.#parts.path, this.#extraFiles())
    return now.content === content ? now.hash : ''
  }

  async #open({ files, error }: PolicySnapshot): Promise<NextGeneration | Refusal> {
    if (error !== undefined) return { error, problems: [] }
    const { ceiling, loadTimeout: timeout } = this.#parts
    const { current } = this.#live
    return openNext(files, current, {
      ceiling,
      before: current.policy,
      timeout,
      signal: this.#closing.signal,
    })
  }

  // Also where nothing changes for requests: comments and positions may differ, which the console shows.
  #swap({ changes, ...next }: NextGeneration, trigger: ReloadTrigger): void {
    const { metrics, log } = this.#parts
    const previous = this.#live.current
    const recovered = this.#history.recover()
    putInForce(this.#live, next)
    const samePools = [...next.pools].every(([name, pool]) => previous.pools.get(name) === pool)
    if (next.policy.revision === previous.policy.revision && samePools && !recovered) {
      metrics.reload('unchanged')
      log.info({ event: 'policy.unchanged', trigger, policyRevision: next.policy.revision })
      return
    }
    metrics.reload('loaded')
    this.#history.loaded(trigger, previous.policy.revision, changes)
    log.info({
      event: 'policy.reloaded',
      trigger,
      policyRevision: next.policy.revision,
      previousRevision: previous.policy.revision,
      summary: changesSummary(changes),
    })
  }
}

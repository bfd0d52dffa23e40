import type { AuditEvent } from '../events/audit-event.js'
import type { StrippedEvent } from '../events/operations-event.js'
import { blameFor, type UpstreamResult } from '../events/upstream-result.js'
import { keyOf } from '../log/fold.js'
import { type ActivityEvents, type Counted, countedAs } from './activity-events.js'
import { TimeSeries } from './time-series.js'

/** Equal denials, folded for people: same origin, route, reason, method and mode. */
export interface DenialRow {
  readonly id: string
  latest: AuditEvent
  count: number
  /** Unix milliseconds. */
  readonly firstSeen: number
  lastSeen: number
}

/** What an upstream says about CORS by itself: removed, or passed on where the route is in report mode. */
export interface DriftRow {
  readonly id: string
  latest: StrippedEvent
  count: number
  readonly firstSeen: number
  lastSeen: number
}

export interface UpstreamRow {
  /** From when it is counted, Unix milliseconds. */
  readonly since: number
  requests: number
  failures: number
  /** Of the latest failure, e.g. `bad-gateway`, and the error behind it where there was one, e.g. `ECONNREFUSED`. */
  lastFailure?: { readonly result: UpstreamResult; readonly code: string | undefined; readonly at: number }
  /** The last ten minutes; without what the client or the gateway ended. */
  readonly recent: TimeSeries<'answered' | 'failed'>
  /** Of what was answered: milliseconds, exponentially weighted; undefined before the first. */
  latency: number | undefined
}

/** Exchanges with an upstream that ended alike. */
export interface Exchanges {
  readonly result: UpstreamResult
  /** The error behind the last of them, where there was one. */
  readonly code: string | undefined
  readonly count: number
  /** Of all of them together. */
  readonly milliseconds: number
  /** When the last of them ended, Unix milliseconds. */
  readonly lastAt: number
}

/** The recent past, in memory and bounded: what the console shows. The audit log is the record; this is the view. */
export class Activity implements ActivityEvents {
  /** Ten minutes in steps of 5 s, and three hours in steps of a minute. */
  readonly recent = new TimeSeries(5_000, 120, DECISIONS)
  readonly hours = new TimeSeries(60_000, 180, DECISIONS)
  readonly #denials = new Map<string, DenialRow>()
  readonly #drift = new Map<string, DriftRow>()
  readonly #upstreams = new Map<string, UpstreamRow>()
  readonly #listeners = new Set<() => void>()

  decision(event: AuditEvent): void {
    this.counted(countedAs(event), 1)
    if (event.outcome !== 'allowed') this.denial(event, 1)
  }

  counted(as: Counted, count: number): void {
    const now = Date.now()
    this.recent.add(now, as, count)
    this.hours.add(now, as, count)
    this.changed()
  }

  /** So many equal denials, for the table of them; they are counted besides. */
  denial(event: AuditEvent, count: number): void {
    touch(this.#denials, denialKey(event), event, count)
    this.changed()
  }

  corsStripped(event: StrippedEvent, count = 1): void {
    touch(this.#drift, driftKey(event), event, count)
    this.changed()
  }

  upstream(name: string, result: UpstreamResult, milliseconds: number, code?: string): void {
    this.exchanges(name, { result, code, count: 1, milliseconds, lastAt: Date.now() })
  }

  exchanges(name: string, { result, code, count, milliseconds, lastAt }: Exchanges): void {
    const row = this.#upstreams.get(name) ?? newUpstreamRow()
    this.#upstreams.set(name, row)
    row.requests += count
    const blame = blameFor(result)
    if (blame === 'nobody') {
      row.recent.add(lastAt, 'answered', count)
      const mean = milliseconds / count
      const old = row.latency ?? mean
      row.latency = mean + (old - mean) * KEPT_OF_LATENCY ** count
    } else if (blame === 'upstream') {
      row.recent.add(lastAt, 'failed', count)
      row.failures += count
      if (row.lastFailure === undefined || row.lastFailure.at <= lastAt)
        row.lastFailure = { result, code, at: lastAt }
    }
  }

  /** Forgets upstreams that the policy no longer names, and begins to count those that it names now. */
  keepUpstreams(names: ReadonlySet<string>): void {
    for (const name of this.#upstreams.keys()) if (!names.has(name)) this.#upstreams.delete(name)
    for (const [key, { latest }] of this.#drift) if (!names.has(latest.kind.upstream)) this.#drift.delete(key)
    for (const name of names) if (!this.#upstreams.has(name)) this.#upstreams.set(name, newUpstreamRow())
  }

  /** Latest first. */
  denials(): readonly DenialRow[] {
    return latestFirst(this.#denials)
  }

  drift(): readonly DriftRow[] {
    return latestFirst(this.#drift)
  }

  upstreamRow(name: string): UpstreamRow | undefined {
    return this.#upstreams.get(name)
  }

  /** Calls `listener` after something happened; it must be quick. @returns what to call to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** The same for denials that are one row of the table. */
export function denialKey(event: AuditEvent): string {
  const { origin, route, reason, method, enforced, requestedMethod } = event
  return keyOf(origin, route, reason, method, requestedMethod, enforced)
}

/** The same for what upstreams say that is one row of their table. */
export function driftKey({ kind, enforced }: StrippedEvent): string {
  return enforced ? kind.key : keyOf(kind.key, 'report')
}

function newUpstreamRow(): UpstreamRow {
  const recent = new TimeSeries(10_000, 60, ['answered', 'failed'] as const)
  return { since: Date.now(), requests: 0, failures: 0, recent, latency: undefined }
}

function latestFirst<R extends Row<unknown>>(rows: ReadonlyMap<string, R>): readonly R[] {
  return [...rows.values()].reverse().sort((one, other) => other.lastSeen - one.lastSeen)
}

function touch<E>(rows: Map<string, Row<E>>, id: string, latest: E, count: number): void {
  const now = Date.now()
  const row = rows.get(id)
  if (row === undefined) {
    if (rows.size >= MAX_ROWS) makeRoom(rows)
    rows.set(id, { id, latest, count, firstSeen: now, lastSeen: now })
    return
  }
  row.latest = latest
  row.count += count
  row.lastSeen = now
}

// Many at a time, the ones not seen for longest: to keep the rows in order would cost every denial more than it gains.
function makeRoom(rows: Map<string, Row<unknown>>): void {
  for (const { id } of latestFirst(rows).slice(-ROWS_DROPPED)) rows.delete(id)
}

interface Row<E> {
  readonly id: string
  latest: E
  count: number
  readonly firstSeen: number
  lastSeen: number
}

const DECISIONS: readonly Counted[] = ['allowed', 'denied', 'reported']
const MAX_ROWS = 500
const ROWS_DROPPED = 50
/** Of the mean of latencies, what one more leaves of it. */
const KEPT_OF_LATENCY = 15 / 16

import type { AuditEvent } from './audit-event.js'
import type { StrippedEvent } from './operations-event.js'
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

/** What an upstream says about CORS although that is not its business any more. */
export interface DriftRow {
  readonly id: string
  latest: StrippedEvent
  count: number
  readonly firstSeen: number
  lastSeen: number
}

export interface UpstreamRow {
  requests: number
  failures: number
  /** Of the latest failure, e.g. `bad-gateway`. */
  lastFailure?: { readonly result: string; readonly at: number }
  /** Milliseconds, exponentially weighted. */
  latency: number
}

/** The recent past, in memory and bounded: what the console shows. The audit log is the record; this is the view. */
export class Activity {
  /** Ten minutes in steps of 5 s, and three hours in steps of a minute. */
  readonly recent = new TimeSeries(5_000, 120)
  readonly today = new TimeSeries(60_000, 180)
  readonly #denials = new Map<string, DenialRow>()
  readonly #drift = new Map<string, DriftRow>()
  readonly #upstreams = new Map<string, UpstreamRow>()
  readonly #listeners = new Set<() => void>()

  /** So many allowed decisions; nothing else is kept of those. */
  allowed(count: number): void {
    this.#count(Date.now(), 'allowed', count)
    this.changed()
  }

  decision(event: AuditEvent): void {
    if (event.outcome === 'allowed') {
      this.allowed(1)
      return
    }
    const now = Date.now()
    this.#count(now, event.enforced ? 'denied' : 'reported', 1)
    const { origin, route, reason, method, enforced, requestedMethod } = event
    const id = [origin, route, reason, method, requestedMethod, enforced].join('\u0000')
    touch(this.#denials, id, event, now)
    this.changed()
  }

  #count(now: number, as: 'allowed' | 'denied' | 'reported', count: number): void {
    this.recent.add(now, as, count)
    this.today.add(now, as, count)
  }

  corsStripped(event: StrippedEvent): void {
    touch(this.#drift, event.kind.key, event, Date.now())
    this.changed()
  }

  upstream(name: string, result: string, milliseconds: number): void {
    const row = this.#upstreams.get(name) ?? { requests: 0, failures: 0, latency: milliseconds }
    this.#upstreams.set(name, row)
    row.requests++
    if (FINE.has(result)) row.latency += (milliseconds - row.latency) / 16
    else {
      row.failures++
      row.lastFailure = { result, at: Date.now() }
    }
  }

  /** Forgets upstreams that the policy no longer names. */
  keepUpstreams(names: ReadonlySet<string>): void {
    for (const name of this.#upstreams.keys()) if (!names.has(name)) this.#upstreams.delete(name)
  }

  /** Latest first. */
  denials(): readonly DenialRow[] {
    return [...this.#denials.values()].reverse()
  }

  drift(): readonly DriftRow[] {
    return [...this.#drift.values()].reverse()
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

// The latest at the end of the map, the one not seen for longest at its start, and out it goes.
function touch<E>(rows: Map<string, Row<E>>, id: string, latest: E, now: number): void {
  const row = rows.get(id)
  if (row === undefined) {
    if (rows.size >= MAX_ROWS) rows.delete(rows.keys().next().value!)
    rows.set(id, { id, latest, count: 1, firstSeen: now, lastSeen: now })
    return
  }
  row.latest = latest
  row.count++
  row.lastSeen = now
  rows.delete(id)
  rows.set(id, row)
}

interface Row<E> {
  readonly id: string
  latest: E
  count: number
  readonly firstSeen: number
  lastSeen: number
}

const MAX_ROWS = 500
const FINE: ReadonlySet<string> = new Set(['complete', 'upgraded', 'client-left'])

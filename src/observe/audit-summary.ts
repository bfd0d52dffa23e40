import type { AuditTotals, DenialSummary, PolicyEvent, RouteGrants } from './audit-totals.js'
import type { AuditLine } from './read-records.js'
import { number, text, texts } from './record-fields.js'
import { UpstreamCorsSummary } from './upstream-cors-summary.js'

/** Adds an audit log up, a record at a time. Rows beyond its bound lose the rarest half into `others`. */
export class AuditSummary {
  readonly #denials = new Map<string, DenialSummary>()
  readonly #upstreams = new UpstreamCorsSummary()
  readonly #unsettled = new Map<unknown, string>()
  readonly #reasons = new Map<string, number>()
  readonly #routes = new Map<string, number>()
  readonly #boots = new Map<string, { first: number; last: number; seen: number }>()
  readonly #timeline = new Map<number, { denied: number; reported: number; allowed: number }>()
  #step = 60_000
  #low = Number.POSITIVE_INFINITY
  #high = 0
  #policies: PolicyEvent[] = []
  #denied = 0
  #reported = 0
  #allowed = 0
  #others = 0
  #from: string | undefined
  #until: string | undefined

  add(record: AuditLine): void {
    this.#sequence(record)
    const time = text(record['time']) ?? ''
    const first = text(record['firstSeen']) ?? time
    if (this.#from === undefined || first < this.#from) this.#from = first
    if (this.#until === undefined || time > this.#until) this.#until = time
    if (record.event === 'cors.denied') this.#denial(record, time, first)
    else if (record.event === 'cors.allowed') this.#allowance(record, time)
    else if (record.event === 'upstream.cors_stripped') this.#upstreams.add(record, time, first)
    else if (record.event === 'audit.closed') this.#unsettled.delete(record['boot'])
    else if (record.event === 'policy.loaded' || record.event === 'policy.rejected') {
      this.#policy(record, record.event, time)
    }
  }

  totals(): AuditTotals {
    const starts = [...this.#timeline.keys()].sort((a, b) => a - b)
    const steps = []
    const last = starts.at(-1) ?? 0
    for (let start = starts[0] ?? 1; start <= last; start += this.#step) {
      steps.push({ start, ...(this.#timeline.get(start) ?? { denied: 0, reported: 0, allowed: 0 }) })
    }
    let missing = 0
    for (const { first, last, seen } of this.#boots.values()) missing += last - first + 1 - seen
    return {
      denied: this.#denied,
      reported: this.#reported,
      allowed: this.#allowed,
      from: this.#from,
      until: this.#until,
      denials: [...this.#denials.values()].sort((a, b) => b.count - a.count),
      others: this.#others,
      reasons: byCount(this.#reasons),
      routes: byCount(this.#routes),
      drift: this.#upstreams.drift(),
      policies: this.#policies,
      timeline: { step: this.#step, steps },
      missing: Math.max(0, missing),
      processes: this.#boots.size,
    }
  }

  /** What the upstreams grant by themselves, by route. */
  grants(): ReadonlyMap<string, RouteGrants> {
    return this.#upstreams.grants()
  }

  /**
   * When the counts will be complete (RFC 3339), where they are not yet: a kind's first denial is written at once, equal
   * ones when the window ends. Undefined once that is past, or where the log shows that nothing is held back.
   *
   * @param now Unix milliseconds
   */
  countsFinalAt(now: number): string | undefined {
    const newest = Math.max(...[...this.#unsettled.values()].map(time => Date.parse(time)))
    const end = newest + DEFAULT_WINDOW
    return newest <= now && now < end ? new Date(end).toISOString() : undefined
  }

  // A summary ends its process's window, for every kind.
  #settle(record: AuditLine, time: string): void {
    const boot = record['boot']
    const newest = this.#unsettled.get(boot) ?? ''
    if (record['count'] !== undefined) {
      if ((text(record['lastSeen']) ?? time) >= newest) this.#unsettled.delete(boot)
    } else if (time > newest && (newest !== '' || this.#unsettled.size < MAX_BOOTS))
      this.#unsettled.set(boot, time)
  }

  #denial(record: AuditLine, time: string, first: string): void {
    this.#settle(record, time)
    const count = number(record['count']) ?? 1
    const enforced = record['enforced'] !== false
    const reason = text(record['reason']) ?? '?'
    const route = text(record['route'])
    if (enforced) this.#denied += count
    else this.#reported += count
    this.#tick(time, enforced ? 'denied' : 'reported', count)
    increase(this.#reasons, reason, count)
    if (route !== undefined) increase(this.#routes, route, count)
    // Different origins were counted together: they belong in the totals, but nobody can be named.
    if (record['overflow'] === true) {
      this.#others += count
      return
    }
    const origin = text(record['origin'])
    const key = [origin, route, reason, enforced].join('\u0000')
    let row = this.#denials.get(key)
    if (row === undefined) {
      if (this.#denials.size >= MAX_ROWS) this.#prune()
      row = {
        origin,
        route,
        reason,
        enforced,
        hint: text(record['hint']),
        count: 0,
        firstSeen: first,
        lastSeen: time,
        methods: new Set(),
        headers: new Set(),
        path: '',
        host: '',
        preflight: false,
      }
      this.#denials.set(key, row)
    }
    row.count += count
    if (first < row.firstSeen) row.firstSeen = first
    const last = text(record['lastSeen']) ?? time
    if (last >= row.lastSeen) row.lastSeen = last
    row.path = text(record['path']) ?? row.path
    row.host = text(record['host']) ?? row.host
    row.preflight ||= record['kind'] === 'preflight'
    const method = text(record['requestedMethod']) ?? text(record['method'])
    if (method !== undefined && row.methods.size < MAX_NAMES) row.methods.add(method)
    for (const name of (text(record['requestedHeaders']) ?? '').split(',')) {
      if (name.trim() !== '' && row.headers.size < MAX_NAMES) row.headers.add(name.trim().toLowerCase())
    }
  }

  #allowance(record: AuditLine, time: string): void {
    const count = number(record['sampled']) ?? 1
    this.#allowed += count
    this.#tick(time, 'allowed', count)
  }

  #policy(record: AuditLine, event: PolicyEvent['event'], time: string): void {
    const why = event === 'policy.rejected' ? refusal(record) : texts(record['changes']).join('; ')
    const revision = text(record['policyRevision']) ?? ''
    this.#policies.push({ time, event, revision, text: why || text(record['trigger']) || '' })
    if (this.#policies.length > MAX_POLICIES) this.#policies = this.#policies.slice(-MAX_POLICIES / 2)
  }

  #sequence(record: AuditLine): void {
    const [boot, seq] = [text(record['boot']), number(record['seq'])]
    if (boot === undefined || seq === undefined) return
    const known = this.#boots.get(boot)
    if (known === undefined) {
      if (this.#boots.size < MAX_BOOTS) this.#boots.set(boot, { first: seq, last: seq, seen: 1 })
      return
    }
    known.first = Math.min(known.first, seq)
    known.last = Math.max(known.last, seq)
    known.seen++
  }

  #tick(time: string, as: 'denied' | 'reported' | 'allowed', count: number): void {
    const at = Date.parse(time)
    if (Number.isNaN(at)) return
    const start = at - (at % this.#step)
    const slot = this.#timeline.get(start) ?? { denied: 0, reported: 0, allowed: 0 }
    slot[as] += count
    this.#timeline.set(start, slot)
    this.#low = Math.min(this.#low, start)
    this.#high = Math.max(this.#high, start)
    while ((this.#high - this.#low) / this.#step >= MAX_STEPS) this.#coarsen()
  }

  #coarsen(): void {
    this.#step *= 2
    const old = [...this.#timeline]
    this.#timeline.clear()
    for (const [at, counts] of old) {
      const start = at - (at % this.#step)
      const slot = this.#timeline.get(start) ?? { denied: 0, reported: 0, allowed: 0 }
      slot.denied += counts.denied
      slot.reported += counts.reported
      slot.allowed += counts.allowed
      this.#timeline.set(start, slot)
    }
  }

  #prune(): void {
    const rows = [...this.#denials].sort(([, a], [, b]) => a.count - b.count)
    for (const [key, row] of rows.slice(0, MAX_ROWS / 2)) {
      this.#others += row.count
      this.#denials.delete(key)
    }
  }
}

// What was wrong, as far as one line can say it.
function refusal(record: AuditLine): string {
  const error = text(record['error']) ?? ''
  const [first, ...more] = texts(record['problems'])
  if (first === undefined) return error
  return `${error}${more.length === 0 ? '' : ', the first'}: ${first}`
}

function increase(map: Map<string, number>, key: string, count: number): void {
  if (map.has(key) || map.size < MAX_ROWS) map.set(key, (map.get(key) ?? 0) + count)
}

function byCount(map: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...map].sort(([, a], [, b]) => b - a)
}

const MAX_ROWS = 20_000
const MAX_NAMES = 12
const MAX_POLICIES = 200
const MAX_BOOTS = 10_000
const MAX_STEPS = 240
// Of `--audit-window`, in milliseconds; the log does not say what it was.
const DEFAULT_WINDOW = 60_000

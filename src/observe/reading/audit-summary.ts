import type { UpstreamGrants } from '../../cors/upstream-grants.js'
import { AuditProcesses } from './audit-processes.js'
import { AuditTimeline } from './audit-timeline.js'
import type { AuditTotals, DenialSummary, PolicyEvent } from './audit-totals.js'
import type { AuditLine } from './read-records.js'
import { number, text, texts } from './record-fields.js'
import { UpstreamCorsSummary } from './upstream-cors-summary.js'

/** Adds an audit log up, a record at a time. Rows beyond its bound lose the rarest half into `others`. */
export class AuditSummary {
  readonly #denials = new Map<string, DenialSummary>()
  readonly #upstreams = new UpstreamCorsSummary()
  readonly #processes = new AuditProcesses()
  readonly #timeline = new AuditTimeline()
  readonly #reasons = new Map<string, number>()
  readonly #routes = new Map<string, number>()
  #policies: PolicyEvent[] = []
  #denied = 0
  #reported = 0
  #allowed = 0
  #others = 0
  #from: string | undefined
  #until: string | undefined

  add(record: AuditLine): void {
    const time = text(record['time']) ?? ''
    this.#processes.add(record, time)
    const first = text(record['firstSeen']) ?? time
    if (this.#from === undefined || first < this.#from) this.#from = first
    if (this.#until === undefined || time > this.#until) this.#until = time
    if (record.event === 'cors.denied') this.#denial(record, time, first)
    else if (record.event === 'cors.allowed') this.#allowance(record, time)
    else if (record.event === 'upstream.cors_stripped') this.#upstreams.add(record, time, first)
    else if (record.event === 'policy.loaded' || record.event === 'policy.rejected') {
      this.#policy(record, record.event, time)
    }
  }

  totals(): AuditTotals {
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
      timeline: this.#timeline.totals(),
      missing: this.#processes.missing,
      processes: this.#processes.count,
    }
  }

  /** What the upstreams grant by themselves, by route. */
  grants(): ReadonlyMap<string, UpstreamGrants> {
    return this.#upstreams.grants()
  }

  /**
   * When the counts will be complete (RFC 3339), where they are not yet: a kind's first denial is written at once, equal
   * ones when the window ends. Undefined once that is past, or where the log shows that nothing is held back.
   *
   * @param now Unix milliseconds
   */
  countsFinalAt(now: number): string | undefined {
    return this.#processes.countsFinalAt(now)
  }

  #denial(record: AuditLine, time: string, first: string): void {
    const count = number(record['count']) ?? 1
    const enforced = record['enforced'] !== false
    const reason = text(record['reason']) ?? '?'
    const route = text(record['route'])
    if (enforced) this.#denied += count
    else this.#reported += count
    this.#timeline.add(time, enforced ? 'denied' : 'reported', count)
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
        opened: false,
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
    row.opened ||= record['kind'] === 'websocket' && record['status'] === 101
    const method = text(record['requestedMethod']) ?? text(record['method'])
    if (method !== undefined && row.methods.size < MAX_NAMES) row.methods.add(method)
    for (const name of (text(record['requestedHeaders']) ?? '').split(',')) {
      if (name.trim() !== '' && row.headers.size < MAX_NAMES) row.headers.add(name.trim().toLowerCase())
    }
  }

  #allowance(record: AuditLine, time: string): void {
    const count = number(record['sampled']) ?? 1
    this.#allowed += count
    this.#timeline.add(time, 'allowed', count)
  }

  #policy(record: AuditLine, event: PolicyEvent['event'], time: string): void {
    const why = event === 'policy.rejected' ? refusal(record) : texts(record['changes']).join('; ')
    const revision = text(record['policyRevision']) ?? ''
    this.#policies.push({ time, event, revision, text: why || text(record['trigger']) || '' })
    if (this.#policies.length > MAX_POLICIES) this.#policies = this.#policies.slice(-MAX_POLICIES / 2)
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

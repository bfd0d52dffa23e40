import type { AuditLine } from './read-records.js'
import { number, text } from './record-fields.js'

/** The processes that wrote a log, by their boot id: which records of theirs are missing, and which counts still wait. */
export class AuditProcesses {
  readonly #boots = new Map<string, { first: number; last: number; seen: number }>()
  /** The newest denial that stands for itself of each process whose window may be open: RFC 3339. */
  readonly #unsettled = new Map<unknown, string>()
  /** Milliseconds, of the processes that say it. */
  readonly #windows = new Map<unknown, number>()
  /** What the latest of them said: workers write no `policy.loaded`, their primary does. */
  #window = DEFAULT_WINDOW

  add(record: AuditLine, time: string): void {
    this.#sequence(record)
    if (record.event === 'cors.denied') this.#settle(record, time)
    else if (record.event === 'audit.closed') this.#unsettled.delete(record['boot'])
    else if (record.event === 'policy.loaded') this.#setWindow(record)
  }

  get count(): number {
    return this.#boots.size
  }

  /** Records that are not there by their sequence numbers. */
  get missing(): number {
    let missing = 0
    for (const { first, last, seen } of this.#boots.values()) missing += last - first + 1 - seen
    return Math.max(0, missing)
  }

  /** See `AuditSummary.countsFinalAt`. */
  countsFinalAt(now: number): string | undefined {
    let latest = now
    for (const [boot, time] of this.#unsettled) {
      const newest = Date.parse(time)
      if (newest <= now) latest = Math.max(latest, newest + (this.#windows.get(boot) ?? this.#window))
    }
    return latest > now ? new Date(latest).toISOString() : undefined
  }

  #setWindow(record: AuditLine): void {
    const window = number(record['auditWindow'])
    if (window === undefined || window < 0 || window > MAX_WINDOW) return
    this.#window = window
    if (this.#windows.size < MAX_BOOTS) this.#windows.set(record['boot'], window)
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
}

const MAX_BOOTS = 10_000
// Milliseconds. The default of `--audit-window`, for a log that does not say it: an older one, or one that a rotation began.
const DEFAULT_WINDOW = 60_000
// What a timer can wait; more is no setting.
const MAX_WINDOW = 2 ** 31 - 1

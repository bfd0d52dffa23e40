import { Activity, denialKey, driftKey, type Exchanges } from '../../observe/activity.js'
import type { AuditEvent } from '../../observe/audit-event.js'
import type { StrippedEvent } from '../../observe/operations-event.js'
import type { Counted } from '../../observe/time-series.js'
import type { WorkerActivity } from './worker-messages.js'

/**
 * A worker's view of what happens: it keeps none, but tells the primary a few times a second, equal events folded. Every
 * event is counted; what is bounded is how many different ones are told with their details.
 */
export class ActivityRelay extends Activity {
  #told = newActivity()
  readonly #timer: NodeJS.Timeout

  constructor(tell: (activity: WorkerActivity) => void) {
    super()
    this.#timer = setInterval(() => this.#flush(tell), INTERVAL_MILLISECONDS).unref()
  }

  override counted(as: Counted, count: number): void {
    this.#told.counted[as] += count
  }

  override denial(event: AuditEvent, count: number): void {
    fold(this.#told.denied, denialKey(event), event, count)
  }

  override corsStripped(event: StrippedEvent, count = 1): void {
    fold(this.#told.stripped, driftKey(event), event, count)
  }

  override exchanges(name: string, told: Exchanges): void {
    const { upstreams } = this.#told
    const results = upstreams.get(name) ?? new Map<string, Ended>()
    upstreams.set(name, results)
    const ended = results.get(told.result)
    if (ended === undefined) results.set(told.result, { name, ...told })
    else {
      ended.count += told.count
      ended.milliseconds += told.milliseconds
      ended.lastAt = told.lastAt
      ended.code = told.code
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #flush(tell: (activity: WorkerActivity) => void): void {
    const { counted, denied, stripped, upstreams } = this.#told
    const { allowed, denied: refused, reported } = counted
    if (allowed + refused + reported + stripped.size + upstreams.size === 0) return
    this.#told = newActivity()
    tell({
      counted,
      denied: [...denied.values()].map(({ event, count }) => ({ event, count })),
      stripped: [...stripped.values()],
      upstreams: [...upstreams.values()].flatMap(results => [...results.values()]),
    })
  }
}

/** Repeats in the primary's view what a worker told. */
export function replay(activity: Activity, { counted, denied, stripped, upstreams }: WorkerActivity): void {
  for (const [as, count] of Object.entries(counted)) if (count > 0) activity.counted(as as Counted, count)
  for (const { event, count } of denied) activity.denial(event, count)
  for (const { event, count } of stripped) activity.corsStripped(event, count)
  for (const { name, ...ended } of upstreams) activity.exchanges(name, ended)
}

type Ended = { -readonly [K in keyof Told]: Told[K] }
type Told = WorkerActivity['upstreams'][number]
type Folded<E> = Map<string, { readonly event: E; count: number }>

function newActivity() {
  return {
    counted: { allowed: 0, denied: 0, reported: 0 },
    denied: new Map() as Folded<AuditEvent>,
    stripped: new Map() as Folded<StrippedEvent>,
    upstreams: new Map<string, Map<string, Ended>>(),
  }
}

// The log and the metrics have every one; the view forgets those beyond what it shows anyway.
function fold<E>(events: Folded<E>, key: string, event: E, count: number): void {
  const known = events.get(key)
  if (known !== undefined) known.count += count
  else if (events.size < MAX_EVENTS) events.set(key, { event, count })
}

const INTERVAL_MILLISECONDS = 250
const MAX_EVENTS = 500

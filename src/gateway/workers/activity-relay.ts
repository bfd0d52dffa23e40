import { type Activity, denialKey, driftKey } from '../../observe/activity/activity.js'
import type { Counted } from '../../observe/activity/activity-events.js'
import { type ActivityEvents, countedAs } from '../../observe/activity/activity-events.js'
import type { AuditEvent } from '../../observe/events/audit-event.js'
import type { StrippedEvent } from '../../observe/events/operations-event.js'
import type { UpstreamResult } from '../../observe/events/upstream-result.js'
import type { WorkerActivity } from './worker-messages.js'

/**
 * A worker's view of what happens: it keeps none, but tells the primary a few times a second, equal events folded. Every
 * event is counted; what is bounded is how many different ones are told with their details.
 */
export class ActivityRelay implements ActivityEvents {
  #told = newActivity()
  readonly #timer: NodeJS.Timeout

  constructor(tell: (activity: WorkerActivity) => void) {
    this.#timer = setInterval(() => this.#flush(tell), INTERVAL_MILLISECONDS).unref()
  }

  decision(event: AuditEvent): void {
    this.counted(countedAs(event), 1)
    if (event.outcome !== 'allowed') fold(this.#told.denied, denialKey(event), event)
  }

  counted(as: Counted, count: number): void {
    this.#told.counted[as] += count
  }

  corsStripped(event: StrippedEvent): void {
    fold(this.#told.stripped, driftKey(event), event)
  }

  upstream(name: string, result: UpstreamResult, milliseconds: number, code?: string): void {
    const lastAt = Date.now()
    const { upstreams } = this.#told
    const results = upstreams.get(name) ?? new Map<string, Ended>()
    upstreams.set(name, results)
    const ended = results.get(result)
    if (ended === undefined) results.set(result, { name, result, code, count: 1, milliseconds, lastAt })
    else {
      ended.count++
      ended.milliseconds += milliseconds
      ended.lastAt = lastAt
      ended.code = code
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
      denied: [...denied.values()],
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
function fold<E>(events: Folded<E>, key: string, event: E): void {
  const known = events.get(key)
  if (known !== undefined) known.count++
  else if (events.size < MAX_EVENTS) events.set(key, { event, count: 1 })
}

const INTERVAL_MILLISECONDS = 250
const MAX_EVENTS = 500

import { Activity } from '../../observe/activity.js'
import { type AuditEvent, writtenEvent } from '../../observe/audit-event.js'
import type { StrippedEvent } from '../../observe/operations-event.js'
import type { WorkerActivity } from './worker-messages.js'

/** A worker's view of what happens: it keeps none, but tells the primary a few times a second, equal events folded. */
export class ActivityRelay extends Activity {
  #allowed = 0
  #denied = new Map<string, { event: AuditEvent; count: number }>()
  #stripped = new Map<string, { event: StrippedEvent; count: number }>()
  #upstreams: WorkerActivity['upstreams'][number][] = []
  readonly #timer: NodeJS.Timeout

  constructor(tell: (activity: WorkerActivity) => void) {
    super()
    this.#timer = setInterval(() => this.#flush(tell), INTERVAL_MILLISECONDS).unref()
  }

  override allowed(count: number): void {
    this.#allowed += count
  }

  override decision(event: AuditEvent): void {
    if (event.outcome === 'allowed') {
      this.allowed(1)
      return
    }
    const { origin, route, reason, method, requestedMethod, enforced } = event
    fold(this.#denied, [origin, route, reason, method, requestedMethod, enforced].join('\0'), event)
  }

  override corsStripped(event: StrippedEvent): void {
    fold(this.#stripped, event.kind.key, event)
  }

  override upstream(name: string, result: string, milliseconds: number): void {
    if (this.#upstreams.length < MAX_EVENTS) this.#upstreams.push({ name, result, milliseconds })
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #flush(tell: (activity: WorkerActivity) => void): void {
    if (this.#allowed + this.#denied.size + this.#stripped.size + this.#upstreams.length === 0) return
    tell({
      allowed: this.#allowed,
      denied: [...this.#denied.values()].map(({ event, count }) => ({ event: writtenEvent(event), count })),
      stripped: [...this.#stripped.values()],
      upstreams: this.#upstreams,
    })
    this.#allowed = 0
    this.#denied = new Map()
    this.#stripped = new Map()
    this.#upstreams = []
  }
}

/** Repeats in the primary's view what a worker told. */
export function replay(activity: Activity, { allowed, denied, stripped, upstreams }: WorkerActivity): void {
  if (allowed > 0) activity.allowed(allowed)
  for (const { event, count } of denied) for (let i = 0; i < count; i++) activity.decision(event)
  for (const { event, count } of stripped) for (let i = 0; i < count; i++) activity.corsStripped(event)
  for (const { name, result, milliseconds } of upstreams) activity.upstream(name, result, milliseconds)
}

// The log and the metrics have every one; the view forgets those beyond what it shows anyway.
function fold<E>(events: Map<string, { event: E; count: number }>, key: string, event: E): void {
  const known = events.get(key)
  if (known !== undefined) known.count++
  else if (events.size < MAX_EVENTS) events.set(key, { event, count: 1 })
}

const INTERVAL_MILLISECONDS = 250
const MAX_EVENTS = 500

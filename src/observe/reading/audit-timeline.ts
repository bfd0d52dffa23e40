import type { AuditTotals } from './audit-totals.js'

/** Decisions over time, in equal steps: a minute long, or as long as it takes for all of a log to fit. */
export class AuditTimeline {
  readonly #slots = new Map<number, Slot>()
  #step = 60_000
  #low = Number.POSITIVE_INFINITY
  #high = 0

  /** @param time RFC 3339; of what is none, nothing is kept */
  add(time: string, as: keyof Slot, count: number): void {
    const at = Date.parse(time)
    if (Number.isNaN(at)) return
    const start = this.#startOf(at)
    this.#slotAt(start)[as] += count
    this.#low = Math.min(this.#low, start)
    this.#high = Math.max(this.#high, start)
    while ((this.#high - this.#low) / this.#step >= MAX_STEPS) this.#coarsen()
  }

  /** Oldest first, those without a decision included. */
  totals(): AuditTotals['timeline'] {
    const starts = [...this.#slots.keys()].sort((a, b) => a - b)
    const steps = []
    const last = starts.at(-1) ?? 0
    for (let start = starts[0] ?? 1; start <= last; start += this.#step)
      steps.push({ start, ...(this.#slots.get(start) ?? newSlot()) })
    return { step: this.#step, steps }
  }

  #coarsen(): void {
    this.#step *= 2
    const old = [...this.#slots]
    this.#slots.clear()
    for (const [at, { denied, reported, allowed }] of old) {
      const slot = this.#slotAt(this.#startOf(at))
      slot.denied += denied
      slot.reported += reported
      slot.allowed += allowed
    }
  }

  #startOf(at: number): number {
    return at - (at % this.#step)
  }

  #slotAt(start: number): Slot {
    const slot = this.#slots.get(start) ?? newSlot()
    this.#slots.set(start, slot)
    return slot
  }
}

interface Slot {
  denied: number
  reported: number
  allowed: number
}

function newSlot(): Slot {
  return { denied: 0, reported: 0, allowed: 0 }
}

const MAX_STEPS = 240

/** How many requests were decided how, in one step of time. */
export interface Step {
  /** Unix milliseconds. */
  readonly start: number
  allowed: number
  denied: number
  /** Denials in report mode: recorded, not enforced. */
  reported: number
}

/** What is counted in a step. */
export type Counted = 'allowed' | 'denied' | 'reported'

/** Counts of the last `length` steps of `step` milliseconds, in a ring. */
export class TimeSeries {
  readonly step: number
  readonly #ring: Step[]
  #current: Step

  constructor(step: number, length: number) {
    this.step = step
    this.#ring = Array.from({ length }, () => newStep(0))
    this.#current = this.#ring[0]!
  }

  add(now: number, as: Counted, count = 1): void {
    const since = now - this.#current.start
    if (since < 0 || since >= this.step) this.#current = this.#stepOf(now)
    this.#current[as] += count
  }

  #stepOf(now: number): Step {
    const start = now - (now % this.step)
    const slot = (start / this.step) % this.#ring.length
    const present = this.#ring[slot]
    if (present?.start === start) return present
    const step = newStep(start)
    this.#ring[slot] = step
    return step
  }

  /** Oldest first, the current one last, empty ones included. */
  steps(now: number): readonly Step[] {
    const last = now - (now % this.step)
    return this.#ring.map((_, index) => {
      const start = last - (this.#ring.length - 1 - index) * this.step
      const step =
        this.#ring[(((start / this.step) % this.#ring.length) + this.#ring.length) % this.#ring.length]
      return step?.start === start ? step : newStep(start)
    })
  }
}

function newStep(start: number): Step {
  return { start, allowed: 0, denied: 0, reported: 0 }
}

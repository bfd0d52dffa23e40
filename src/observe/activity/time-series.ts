/** How often each of some things happened in one step of time. */
export type Step<C extends string> = { readonly start: number } & Record<C, number>

/** Counts of the last `length` steps of `step` milliseconds, in a ring. */
export class TimeSeries<C extends string> {
  readonly step: number
  readonly #none: Readonly<Record<C, number>>
  readonly #ring: Step<C>[]
  #current: Step<C>

  /** @param counted names of what is counted */
  constructor(step: number, length: number, counted: readonly C[]) {
    this.step = step
    this.#none = Object.fromEntries(counted.map(name => [name, 0])) as Record<C, number>
    this.#ring = Array.from({ length }, () => this.#newStep(0))
    this.#current = this.#ring[0]!
  }

  add(now: number, as: C, count = 1): void {
    const since = now - this.#current.start
    if (since < 0 || since >= this.step) this.#current = this.#stepOf(now)
    ;(this.#current as Record<C, number>)[as] += count
  }

  #stepOf(now: number): Step<C> {
    const start = now - (now % this.step)
    const slot = (start / this.step) % this.#ring.length
    const present = this.#ring[slot]
    if (present?.start === start) return present
    const step = this.#newStep(start)
    this.#ring[slot] = step
    return step
  }

  /** Oldest first, the current one last, empty ones included. */
  steps(now: number): readonly Step<C>[] {
    const last = now - (now % this.step)
    return this.#ring.map((_, index) => {
      const start = last - (this.#ring.length - 1 - index) * this.step
      const step =
        this.#ring[(((start / this.step) % this.#ring.length) + this.#ring.length) % this.#ring.length]
      return step?.start === start ? step : this.#newStep(start)
    })
  }

  /** How often it happened in the last so many milliseconds, or as long as is known; exact to a step. */
  total(as: C, now: number, milliseconds = Number.POSITIVE_INFINITY): number {
    const steps = this.steps(now).slice(-Math.ceil(milliseconds / this.step))
    return steps.reduce((sum, step) => sum + step[as], 0)
  }

  #newStep(start: number): Step<C> {
    return { start, ...this.#none }
  }
}

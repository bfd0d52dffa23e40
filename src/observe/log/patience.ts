/** Time that may be spent standing still, as a budget: what is used up comes back slowly. */
export class Patience {
  readonly #most: number
  readonly #perMillisecond: number
  #left: number
  #seen = performance.now()

  /**
   * @param most milliseconds that may be waited at once
   * @param period milliseconds after which as many may be waited again; never, where it is Infinity
   */
  constructor(most: number, period = Number.POSITIVE_INFINITY) {
    this.#most = most
    this.#perMillisecond = most / period
    this.#left = most
  }

  /** Stops the whole thread for a millisecond; false at once where the budget is used up. */
  wait(): boolean {
    const now = performance.now()
    this.#left = Math.min(this.#most, this.#left + (now - this.#seen) * this.#perMillisecond)
    this.#seen = now
    if (this.#left <= 0) return false
    Atomics.wait(NOBODY, 0, 0, 1)
    this.#seen = performance.now()
    this.#left -= this.#seen - now
    return true
  }
}

const NOBODY = new Int32Array(new SharedArrayBuffer(4))

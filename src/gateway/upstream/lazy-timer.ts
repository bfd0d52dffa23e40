/**
 * A timer that is started and stopped for every request and is seldom due: both cost no more than an assignment,
 * because the one underneath is left to run and looks, when it ends, whether it was meant.
 */
export class LazyTimer {
  readonly #onDue: () => void
  /** In milliseconds of `performance.now`; 0: stopped. */
  #due = 0
  /** When the one underneath ends. */
  #ends = 0
  #timer: NodeJS.Timeout | undefined

  constructor(onDue: () => void) {
    this.#onDue = onDue
  }

  get running(): boolean {
    return this.#due > 0
  }

  /** From now on, whatever was before. */
  start(milliseconds: number): void {
    this.#due = performance.now() + milliseconds
    // Seldom, since one timer's starts are mostly equally long.
    if (this.#timer !== undefined && this.#ends > this.#due) this.#disarm()
    if (this.#timer === undefined) this.#arm(milliseconds)
  }

  stop(): void {
    this.#due = 0
  }

  /** Stops for good. */
  close(): void {
    this.stop()
    this.#disarm()
  }

  #arm(milliseconds: number): void {
    this.#ends = performance.now() + milliseconds
    this.#timer = setTimeout(() => this.#look(), Math.ceil(milliseconds)).unref()
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    this.#timer = undefined
    if (this.#due === 0) return
    const left = this.#due - performance.now()
    if (left <= 0) {
      this.stop()
      this.#onDue()
    } else this.#arm(left)
  }
}

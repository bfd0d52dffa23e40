import { getHeapStatistics } from 'node:v8'
import type { Settings } from '../../settings.js'

export type LoadLimits = Pick<Settings, 'maxEventLoopDelay' | 'maxHeapPercent'>

/**
 * Watches whether the process keeps up: how late the event loop is, and how full the heap. Where it does not, one more
 * request makes all of them worse, so it is refused while refusing is still cheap.
 */
export class LoadShedder {
  readonly #limits: LoadLimits
  readonly #timer: NodeJS.Timeout
  #due = performance.now() + SAMPLE_MILLISECONDS
  #heapFull = false
  #late = 0

  constructor(limits: LoadLimits) {
    this.#limits = limits
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MILLISECONDS).unref()
  }

  /** True where the process is beyond its limits. */
  get overloaded(): boolean {
    return this.#heapFull || this.#late > this.#limits.maxEventLoopDelay
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #sample(): void {
    const now = performance.now()
    // A moving average over about a second: one long pause is no overload, a loop that is always late is.
    this.#late += (now - this.#due - this.#late) * WEIGHT
    this.#due = now + SAMPLE_MILLISECONDS
    const heap = getHeapStatistics()
    this.#heapFull = heap.used_heap_size > (heap.heap_size_limit * this.#limits.maxHeapPercent) / 100
  }
}

const SAMPLE_MILLISECONDS = 100
const WEIGHT = 0.1

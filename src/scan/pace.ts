import { setTimeout as sleep } from 'node:timers/promises'

/** Spreads requests to a host evenly, so that a scan is never the load test that nobody asked for. */
export class Pace {
  readonly #interval: number
  readonly #next = new Map<string, number>()

  /** @param perSecond requests to one host; 0: as fast as they are answered */
  constructor(perSecond: number) {
    this.#interval = perSecond === 0 ? 0 : 1000 / perSecond
  }

  /** Resolves when it is this request's turn; rejects when the scan is interrupted. */
  async turn(host: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#interval === 0) return
    const now = performance.now()
    const at = Math.max(now, this.#next.get(host) ?? 0)
    this.#next.set(host, at + this.#interval)
    if (at > now) await sleep(at - now, undefined, { signal })
  }
}

import type { Running } from '../gateway/server.js'

/**
 * What an init or a terminal asks of a gateway by signals, heard from when this is made: without a handler they would
 * end a process that still starts, or be lost on the first process of a container. What it cannot do yet it does once it
 * runs.
 */
export class Signals {
  readonly #stop = new AbortController()
  readonly #early = new Set<Order>()
  #running: Obeying | undefined

  constructor() {
    process.on('SIGHUP', () => this.#give('reread'))
    process.on('SIGUSR2', () => this.#give('reopenAudit'))
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => this.#stop.abort(name))
  }

  /** Aborted when the process is to end; its reason is the signal's name. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** It runs: what was asked so far is done now, and the rest as it comes. */
  obeyedBy(running: Obeying): void {
    this.#running = running
    for (const order of this.#early) running[order]()
  }

  #give(order: Order): void {
    if (this.#running === undefined) this.#early.add(order)
    else this.#running[order]()
  }
}

type Order = 'reread' | 'reopenAudit'
type Obeying = Pick<Running, Order>

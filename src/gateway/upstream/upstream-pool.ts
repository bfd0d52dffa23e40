import type { ResolvedUpstream } from '../../policy/resolved/resolved-policy.js'
import { dialer, type TlsMaterial } from './dial.js'
import { Lease, type LeaseOwner } from './lease.js'
import { type ConnectionOptions, UpstreamConnection } from './upstream-connection.js'

export type PoolOptions = Pick<ResolvedUpstream, 'origin' | 'tls' | 'timeouts' | 'connections' | 'queue'>

/** Who waits for a connection; exactly one of the two is called, at once if it can be. */
export interface Waiter {
  granted(lease: Lease): void
  /** The queue is full, or the wait was longer than `timeouts.headers`. */
  refused(): void
}

/**
 * The connections to one upstream: at most `connections` exchanges run, at most `queue` wait for their turn, first
 * come first served, and whoever comes after that is refused at once.
 */
export class UpstreamPool implements LeaseOwner {
  /** `host[:port]` for the Host header. */
  readonly authority: string
  readonly timeouts: PoolOptions['timeouts']
  readonly #options: PoolOptions
  readonly #connection: ConnectionOptions
  readonly #idle: UpstreamConnection[] = []
  #active = 0
  readonly #queue = new Set<Queued>()
  #closing = false
  #onIdle: (() => void)[] = []

  constructor(options: PoolOptions, material: TlsMaterial = {}) {
    this.authority = new URL(options.origin).host
    this.timeouts = options.timeouts
    this.#options = options
    this.#connection = { dial: dialer(options, material), headersTimeout: options.timeouts.headers }
  }

  /** Exchanges that hold a connection. */
  get active(): number {
    return this.#active
  }

  /** Exchanges that wait for one. */
  get waiting(): number {
    return this.#queue.size
  }

  /** The bounds of the two. */
  get limits(): Pick<PoolOptions, 'connections' | 'queue'> {
    return this.#options
  }

  /** True where the next `acquire` would be refused. */
  get saturated(): boolean {
    return !this.#hasSlot() && this.#queue.size >= this.#options.queue
  }

  /** @returns what to call when the waiter leaves; after `granted` or `refused` it does nothing. */
  acquire(waiter: Waiter): () => void {
    if (this.saturated) {
      waiter.refused()
      return noop
    }
    if (this.#hasSlot()) {
      this.#grant(waiter)
      return noop
    }
    const queued: Queued = { waiter, timer: setTimeout(() => this.#giveUp(queued), this.timeouts.headers) }
    this.#queue.add(queued)
    return () => {
      this.#dequeue(queued)
      this.#settle()
    }
  }

  /** Closes idle connections, lets what runs or waits finish and resolves when nothing does any more. */
  close(): Promise<void> {
    this.#closing = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
    if (this.#active === 0 && this.#queue.size === 0) return Promise.resolve()
    return new Promise(resolve => this.#onIdle.push(resolve))
  }

  #hasSlot(): boolean {
    return this.#active < this.#options.connections
  }

  #grant(waiter: Waiter): void {
    this.#active++
    waiter.granted(new Lease(this.#takeIdle() ?? this.open(), this))
  }

  /** For leases, once each: takes a connection back. */
  returned(connection: UpstreamConnection): void {
    this.#active--
    if (connection.reusable && !this.#closing) {
      connection.park()
      this.#idle.push(connection)
    } else connection.destroy()
    const next = this.#queue.values().next().value
    if (next !== undefined && this.#hasSlot()) {
      this.#dequeue(next)
      this.#grant(next.waiter)
    }
    this.#settle()
  }

  // Last in, first out: what is not needed goes cold and is closed by its keep-alive timeout.
  #takeIdle(): UpstreamConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      // A busy connection would otherwise outlive every change of the upstream's address.
      if (connection.reusable && Date.now() - connection.since < CONNECTION_TTL) return connection
      connection.destroy()
    }
    return undefined
  }

  /** For leases: makes a connection that dials with its first request. */
  open(): UpstreamConnection {
    return new UpstreamConnection(this.#connection)
  }

  #giveUp(queued: Queued): void {
    this.#dequeue(queued)
    queued.waiter.refused()
    this.#settle()
  }

  #dequeue(queued: Queued): void {
    clearTimeout(queued.timer)
    this.#queue.delete(queued)
  }

  #settle(): void {
    if (this.#active > 0 || this.#queue.size > 0) return
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

interface Queued {
  readonly waiter: Waiter
  readonly timer: NodeJS.Timeout
}

function noop(): void {}

// Milliseconds.
const CONNECTION_TTL = 60_000

import type { Socket } from 'node:net'
import { buildConnector, Client, type Dispatcher } from 'undici'
import type { ResolvedUpstream } from '../policy/resolved-policy.js'

/** The contents of the files that the policy's `tls` names. */
export interface TlsMaterial {
  readonly ca?: Buffer | undefined
  readonly cert?: Buffer | undefined
  readonly key?: Buffer | undefined
}

export type PoolOptions = Pick<ResolvedUpstream, 'origin' | 'tls' | 'timeouts' | 'connections' | 'queue'>

/** Who waits for a connection; exactly one of the two is called, at once if it can be. */
export interface Waiter {
  granted(lease: Lease): void
  /** The queue is full, the wait was longer than `timeouts.headers`, or the pool is destroyed. */
  refused(): void
}

/**
 * The connections to one upstream: at most `connections` exchanges run, at most `queue` wait for their turn, first
 * come first served, and whoever comes after that is refused at once.
 *
 * One undici Client per running exchange rather than undici's Pool: Pool leaves a request in its own, unbounded queue
 * when all its connections are past `clientTtl` and nothing wakes it (7.30), cannot drop a request that still waits
 * for its connection, and would retry on another idle connection that is as dead as the first.
 */
export class UpstreamPool {
  /** `host[:port]` for the Host header. */
  readonly authority: string
  readonly timeouts: PoolOptions['timeouts']
  readonly #options: PoolOptions
  readonly #connect: buildConnector.connector
  readonly #idle: Connection[] = []
  readonly #leased = new Set<Lease>()
  readonly #queue = new Set<Queued>()
  #closing = false
  #destroyed = false
  #onIdle: (() => void)[] = []

  constructor(options: PoolOptions, material: TlsMaterial = {}) {
    this.authority = new URL(options.origin).host
    this.timeouts = options.timeouts
    this.#options = options
    this.#connect = connector(options, material)
  }

  /** Exchanges that hold a connection. */
  get active(): number {
    return this.#leased.size
  }

  /** Exchanges that wait for one. */
  get waiting(): number {
    return this.#queue.size
  }

  /** True where the next `acquire` would be refused. */
  get saturated(): boolean {
    return this.#destroyed || (!this.#hasSlot() && this.#queue.size >= this.#options.queue)
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
    for (const connection of this.#idle.splice(0)) drop(connection)
    if (this.#leased.size === 0 && this.#queue.size === 0) return Promise.resolve()
    return new Promise(resolve => this.#onIdle.push(resolve))
  }

  /** Breaks off everything: what waits is refused, what runs fails. */
  destroy(): void {
    this.#closing = true
    this.#destroyed = true
    for (const connection of this.#idle.splice(0)) drop(connection)
    for (const queued of [...this.#queue]) this.#giveUp(queued)
    for (const lease of this.#leased) lease.break()
  }

  #hasSlot(): boolean {
    return this.#leased.size < this.#options.connections
  }

  #grant(waiter: Waiter): void {
    const lease = new Lease(this.#takeIdle() ?? this.#open(), {
      open: () => this.#open(),
      returned: (connection, reusable) => this.#takeBack(lease, connection, reusable),
    })
    this.#leased.add(lease)
    waiter.granted(lease)
  }

  #takeBack(lease: Lease, connection: Connection, reusable: boolean): void {
    if (!this.#leased.delete(lease)) return
    if (reusable && !this.#closing && !connection.failed) this.#idle.push(connection)
    else drop(connection)
    const next = this.#queue.values().next().value
    if (next !== undefined && this.#hasSlot()) {
      this.#dequeue(next)
      this.#grant(next.waiter)
    }
    this.#settle()
  }

  // Last in, first out: what is not needed goes cold and is closed by its keep-alive timeout.
  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      // A busy connection would otherwise outlive every change of the upstream's address.
      if (Date.now() - connection.since < CONNECTION_TTL) return connection
      drop(connection)
    }
    return undefined
  }

  #open(): Connection {
    return openConnection(this.#options, this.#connect)
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
    if (this.#leased.size > 0 || this.#queue.size > 0) return
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

/** One slot of the pool, for one exchange. Give it back with `release` or `discard`, once. */
export class Lease {
  #connection: Connection
  readonly #pool: Owner

  constructor(connection: Connection, pool: Owner) {
    this.#connection = connection
    this.#pool = pool
  }

  /** The error that broke the connection, also where undici takes a reset for the end of a body. */
  get broken(): Error | undefined {
    return this.#connection.broken
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#connection.client.dispatch(options, handler)
  }

  /**
   * Stops reading the answer until `resume`; what the kernel and the socket buffer hold is the bound.
   *
   * Done below undici because its own pause is deadly: when the upstream closes or resets a connection that it will
   * not keep while the parser is paused, `assert(!this.paused)` in client-h1.js throws from the socket's event and
   * ends the process (7.30.2). One slow reader of one long answer with `Connection: close` is enough.
   */
  pause(): void {
    const { socket } = this.#connection
    if (socket) socket.read = nothingToRead
  }

  /** Not from inside a handler: undici goes on reading at once. */
  resume(): void {
    const { socket } = this.#connection
    if (socket?.read !== nothingToRead) return
    Reflect.deleteProperty(socket, 'read')
    socket.emit('readable')
  }

  /** Goes on with a new connection. Whatever the old one still reports must be ignored. */
  renew(): void {
    const old = this.#connection
    this.#connection = this.#pool.open()
    drop(old)
  }

  /** The exchange is complete and the connection good for another. */
  release(): void {
    this.#giveBack(true)
  }

  /** Closes the connection, whether it is still being made, sending or receiving. */
  discard(): void {
    drop(this.#connection)
    this.#giveBack(false)
  }

  /** Closes the connection but keeps the slot: the handler hears of it and gives it back. */
  break(): void {
    drop(this.#connection)
  }

  // Not before undici is through with what it has read: a second answer that nobody asked for must find the
  // connection idle, or it would be the answer to the next request (GHSA-35p6-xmwp-9g52).
  #giveBack(reusable: boolean): void {
    queueMicrotask(() => {
      this.resume()
      this.#pool.returned(this.#connection, reusable)
    })
  }
}

interface Owner {
  open(): Connection
  returned(connection: Connection, reusable: boolean): void
}

interface Queued {
  readonly waiter: Waiter
  readonly timer: NodeJS.Timeout
}

interface Connection {
  readonly client: Client
  socket: Socket | undefined
  /** When the socket was connected, in milliseconds since the epoch. */
  since: number
  broken: Error | undefined
  /** A connect failed: undici 7 leaves such a client wedged where the certificate had another name. */
  failed: boolean
}

function openConnection(options: PoolOptions, connect: buildConnector.connector): Connection {
  const client = new Client(options.origin, {
    connect: (target, callback) =>
      connect(target, (...result) => {
        const [error, socket] = result
        if (error === null) watch(connection, socket)
        else connection.failed = true
        callback(...result)
      }),
    pipelining: 1,
    headersTimeout: options.timeouts.headers,
    bodyTimeout: options.timeouts.idle,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_TIMEOUT,
    maxHeaderSize: MAX_HEADER_SIZE,
  })
  const connection: Connection = {
    client,
    socket: undefined,
    since: Date.now(),
    broken: undefined,
    failed: false,
  }
  return connection
}

function watch(connection: Connection, socket: Socket): void {
  connection.socket = socket
  connection.since = Date.now()
  connection.broken = undefined
  socket.on('error', error => {
    if (connection.socket === socket) connection.broken = error
  })
}

function connector({ tls, timeouts }: PoolOptions, material: TlsMaterial): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeouts.connect,
    autoSelectFamily: true,
    rejectUnauthorized: !tls.dangerouslySkipVerify,
    minVersion: 'TLSv1.2',
    ...(material.ca && { ca: material.ca }),
    ...(material.cert && { cert: material.cert }),
    ...(material.key && { key: material.key }),
  })
  if (tls.serverName === undefined) return connect
  const servername = tls.serverName
  // undici would take the name from the Host header first.
  return (target, callback) => connect({ ...target, servername }, callback)
}

function drop(connection: Connection): void {
  void connection.client.destroy()
}

function nothingToRead(): null {
  return null
}

function noop(): void {}

// Milliseconds. Idle connections close before upstreams do, who mostly wait 5 s or more: the only full answer to the
// race between our next request and their close.
const KEEP_ALIVE_TIMEOUT = 4_000
const KEEP_ALIVE_MAX_TIMEOUT = 25_000
const CONNECTION_TTL = 60_000
const MAX_HEADER_SIZE = 65_536

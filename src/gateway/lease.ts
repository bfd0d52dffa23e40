import type { Dispatcher } from 'undici'
import { type Connection, dropConnection } from './upstream-connection.js'

/** One slot of the pool, for one exchange. Give it back with `release` or `discard`, once. */
export class Lease {
  #connection: Connection
  readonly #pool: LeaseOwner

  constructor(connection: Connection, pool: LeaseOwner) {
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
    dropConnection(old)
  }

  /** The exchange is complete and the connection good for another. */
  release(): void {
    this.#giveBack(true)
  }

  /** Closes the connection, whether it is still being made, sending or receiving. */
  discard(): void {
    dropConnection(this.#connection)
    this.#giveBack(false)
  }

  /** Closes the connection but keeps the slot: the handler hears of it and gives it back. */
  break(): void {
    dropConnection(this.#connection)
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

/** The pool, as its leases see it. */
export interface LeaseOwner {
  open(): Connection
  returned(connection: Connection, reusable: boolean): void
}

function nothingToRead(): null {
  return null
}

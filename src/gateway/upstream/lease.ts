import type { UpstreamRequest } from './request-head.js'
import type { ResponseHandler } from './response-handler.js'
import type { UpstreamConnection } from './upstream-connection.js'

/** One slot of the pool, for one exchange. Give it back with `release` or `discard`. */
export class Lease {
  #connection: UpstreamConnection
  readonly #pool: LeaseOwner
  #returned = false

  constructor(connection: UpstreamConnection, pool: LeaseOwner) {
    this.#connection = connection
    this.#pool = pool
  }

  /** True where its connection served another request before. */
  get reused(): boolean {
    return this.#connection.reused
  }

  dispatch(request: UpstreamRequest, handler: ResponseHandler): void {
    this.#connection.dispatch(request, handler)
  }

  /** Stops reading the answer until `resume`. */
  pause(): void {
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  /** Goes on with a new connection. */
  renew(): void {
    this.#connection.destroy()
    this.#connection = this.#pool.open()
  }

  /** The exchange is complete: the connection may be good for another. */
  release(): void {
    this.#return()
  }

  /** Closes the connection, whether it is still being made, sending or receiving. */
  discard(): void {
    this.#connection.destroy()
    this.#return()
  }

  #return(): void {
    if (this.#returned) return
    this.#returned = true
    this.#pool.returned(this.#connection)
  }
}

/** The pool, as its leases see it. */
export interface LeaseOwner {
  open(): UpstreamConnection
  returned(connection: UpstreamConnection): void
}

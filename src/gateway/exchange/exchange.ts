import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { UpstreamResult } from '../../observe/events/upstream-result.js'
import type { ExchangeFailure } from '../upstream/failure.js'
import type { FailureCause } from '../upstream/upstream-error.js'
import type { UpstreamPool } from '../upstream/upstream-pool.js'

/** One request to forward and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly pool: UpstreamPool
  /** The exact bytes of path and query to send; never parsed again. */
  readonly path: string
  /** The final request headers: name and value in turn, Host first (`requestHeaders`). */
  readonly headers: string[]
  /** Bytes that the request's body may have, counted on the stream. */
  readonly bodyLimit: number
  /** The client sent `Expect: 100-continue` and has not been answered: it is, once the body is wanted. */
  readonly expectsContinue: boolean
  /**
   * The final response headers from the upstream's. Without hop-by-hop headers: Node frames the answer anew.
   *
   * @param rawHeaders name and value in turn, latin-1
   */
  responseHeaders(status: number, rawHeaders: readonly string[]): string[]
  /**
   * Writes the gateway's own answer. Called at most once, and only while no response head has been written.
   *
   * @param cause where an error is behind it
   */
  refuse(failure: ExchangeFailure, cause?: FailureCause): void
  /**
   * Ends the answer after a fault of ours, with a 500 or a cut, and tells of it. May be called at any time, the others
   * not after it.
   *
   * @param error what was thrown
   */
  onFault(error: unknown): void
  /** Called once, when the exchange is over, unless a fault of ours has ended it. */
  onUpstream?(outcome: UpstreamOutcome): void
  /** Present on a WebSocket handshake: takes over the upstream's socket after its 101. */
  onUpgraded?(upstream: Duplex, rawHeaders: readonly string[]): void
}

export interface UpstreamOutcome extends FailureCause {
  readonly result: UpstreamResult
  /** The status of the upstream's answer, where there was one. */
  readonly status: number | undefined
  /** From `forward` until the outcome. */
  readonly milliseconds: number
}

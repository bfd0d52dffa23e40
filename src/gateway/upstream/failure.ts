import type { UpstreamResult } from '../../observe/events/upstream-result.js'

/** What the client is told when an upstream's answer cannot be given: never which upstream, nor why. */
export const FAILURES = {
  /** The upstream could not be reached, broke off, or answered what is not HTTP. */
  'bad-gateway': { status: 502, title: 'The upstream failed', headers: [] },
  /** It did not connect or answer in time. */
  'gateway-timeout': { status: 504, title: 'The upstream took too long', headers: [] },
  /** No connection was free in time, or too many requests wait for one. */
  overloaded: { status: 503, title: 'Too many requests are waiting', headers: ['Retry-After', '1'] },
  /** The gateway itself is beyond its limits. */
  shed: { status: 503, title: 'The gateway has too much to do', headers: ['Retry-After', '1'] },
  /** The client asked for more than it waits for; its connection ends. */
  'too-many-pipelined': { status: 503, title: 'Too many requests wait on this connection', headers: [] },
  /** The client stopped sending its body. */
  'request-timeout': { status: 408, title: 'The request body did not arrive in time', headers: [] },
  'payload-too-large': { status: 413, title: 'The request body is too large', headers: [] },
} as const satisfies Record<string, FailureFacts>

/** Why the upstream's answer could not be given to the client. */
export type Failure = keyof typeof FAILURES

/** How an exchange fails, and whose doing that is stands in `UPSTREAM_RESULTS`; the rest is refused before there is one. */
export type ExchangeFailure = Failure & UpstreamResult

export interface FailureFacts {
  readonly status: number
  readonly title: string
  readonly headers: readonly string[]
}

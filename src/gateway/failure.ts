import type { Failure } from './transport.js'

/** What the client is told when an upstream does not answer: never which one, nor why. */
export const FAILURES: Readonly<Record<Failure, FailureFacts>> = {
  'bad-gateway': { status: 502, title: 'The upstream failed', headers: [] },
  'gateway-timeout': { status: 504, title: 'The upstream took too long', headers: [] },
  overloaded: { status: 503, title: 'Too many requests are waiting', headers: ['Retry-After', '1'] },
  'request-timeout': { status: 408, title: 'The request body did not arrive in time', headers: [] },
  'payload-too-large': { status: 413, title: 'The request body is too large', headers: [] },
}

export interface FailureFacts {
  readonly status: number
  readonly title: string
  readonly headers: readonly string[]
}

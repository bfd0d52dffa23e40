import type { ExchangeFailure } from './failure.js'
import { MalformedResponse } from './response-head.js'

/** The upstream ended a connection that was still needed. */
export class ConnectionClosed extends Error {
  readonly code = 'ERR_CONNECTION_CLOSED'
}

/** It ended before anything of the request was sent: another connection may try, whatever the method. */
export class NeverSent extends ConnectionClosed {}

/** The upstream took a request and did not answer in time. */
export class HeadersTimeout extends Error {
  readonly code = 'ERR_HEADERS_TIMEOUT'
}

/** What is known of an error on the way to an upstream: for the log, never for the client. */
export interface FailureCause {
  /** Such as ECONNREFUSED. */
  readonly code?: string | undefined
  /** What was wrong with a response that is no HTTP: a sentence of ours. */
  readonly detail?: string | undefined
}

export function causeOf(error: Error | undefined): FailureCause {
  if (error === undefined) return UNKNOWN
  return { code: codeOf(error), detail: error instanceof MalformedResponse ? error.message : undefined }
}

/** What an error before the upstream's answer is called. */
export function failureOf(error: Error): ExchangeFailure {
  return TIMEOUTS.has(codeOf(error) ?? '') ? 'gateway-timeout' : 'bad-gateway'
}

/** True where the connection died under the request: an idle one may be closed just as we use it. */
export function isDeadConnection(error: Error): boolean {
  return DEAD_CONNECTION.has(codeOf(error) ?? '')
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

const UNKNOWN: FailureCause = { code: undefined, detail: undefined }
const TIMEOUTS: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'])
const DEAD_CONNECTION: ReadonlySet<string> = new Set(['ERR_CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE'])

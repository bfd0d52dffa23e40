import type { RequestToSend } from './cases.js'

export interface Load {
  readonly requests: readonly RequestToSend[]
  readonly port: number
  /** The proxy whose processor time is told. */
  readonly pid: number
  readonly connections: number
  readonly seconds: number
  readonly processor: number | undefined
  readonly dir: string
}

/** What one run of load showed. */
export interface Measurement {
  /** Microseconds of processor time, user and system, for one request. */
  readonly processorMicros: number
  readonly requestsPerSecond: number
  /** Milliseconds, with all connections busy. */
  readonly p50: number
  readonly p99: number
  /** Answers with a status over 399. */
  readonly refused: number
  readonly answers: number
  /** Connections that failed, and answers that did not come. */
  readonly errors: number
}

import { spawnSync } from 'node:child_process'
import { runAutocannon } from './autocannon.js'
import type { RequestToSend } from './cases.js'
import { runWrk } from './wrk.js'

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

/** Nobody's fault: the measurement is to be left out or made again. */
export class MachineTooBusy extends Error {
  override readonly message = 'the load generator got no processor time'
}

/**
 * Keeps every connection busy for the time: by wrk, or else by autocannon.
 * @throws MachineTooBusy where the load generator hardly ran, five times in a row.
 */
export async function runLoad(load: Load): Promise<Measurement> {
  const run = HAS_WRK ? runWrk : runAutocannon
  for (let attempt = 1; attempt <= 5; attempt++) {
    const measured = await run(load)
    if (measured !== undefined) return measured
  }
  throw new MachineTooBusy()
}

const HAS_WRK = spawnSync('wrk', ['--version']).error === undefined

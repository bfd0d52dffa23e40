import { spawnSync } from 'node:child_process'
import { runAutocannon } from './autocannon.js'
import type { Load, Measurement } from './measurement.js'
import { runWrk } from './wrk.js'

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

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/helpers/free-port.js'
import { caseNamed, requestsOf } from './cases.js'
import { startDaemon } from './daemon.js'
import { type Measurement, runLoad } from './load.js'
import { crossgate } from './peers/crossgate.js'
import { SMALL } from './policy-sizes.js'
import { median } from './statistics.js'

/**
 * What a second worker brings: preflights per second, which the gateway answers by itself, with one worker and with
 * two, in turns, in the same run. Needs wrk (Debian's package). Prints the medians and their ratio; exits 1 where that
 * is under 1.7 although two processors were free for it, and says so where they were not.
 */
const ROUNDS = Number(process.env['ROUNDS'] ?? 5)

const dir = mkdtempSync(join(tmpdir(), 'crossgate-bench-'))
try {
  process.exitCode = await main()
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function main(): Promise<number> {
  const ones: Measurement[] = []
  const twos: Measurement[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ones.push(await measure(1))
    twos.push(await measure(2))
  }
  const rate = (list: readonly Measurement[]) => median(list.map(each => each.requestsPerSecond))
  const cost = (list: readonly Measurement[]) => median(list.map(each => each.processorMicros))
  const ratio = rate(twos) / rate(ones)
  process.stdout.write(
    `preflights per second: 1 worker ${rate(ones).toFixed(0)}, 2 workers ${rate(twos).toFixed(0)}, ratio ${ratio.toFixed(2)} (median of ${ROUNDS} rounds of 3 s, ${availableParallelism()} processors)\n`,
  )
  process.stdout.write(
    `processor time for each: 1 worker ${cost(ones).toFixed(0)} us, 2 workers ${cost(twos).toFixed(0)} us; so with two processors to themselves ${((2 * cost(ones)) / cost(twos)).toFixed(2)} times as much\n`,
  )
  // Two workers and wrk want three; where others want them too, the ratio says nothing.
  const others = otherLoad()
  if (ratio >= 1.7) return 0
  if (others > availableParallelism() - 3) {
    process.stdout.write(`no verdict: others keep ${others.toFixed(1)} processors busy\n`)
    return 0
  }
  return 1
}

async function measure(workers: number): Promise<Measurement> {
  const port = await freePort()
  const here = join(dir, String(workers))
  mkdirSync(here, { recursive: true })
  const gateway = crossgate({ name: 'crossgate', flags: [`--workers=${workers}`] })
  const daemon = await startDaemon(
    gateway.configure({ size: SMALL, port, upstreamPort: 9, dir: here }),
    port,
    undefined,
  )
  const load = {
    requests: requestsOf(caseNamed('preflight'), SMALL),
    port,
    pid: daemon.pid,
    connections: 64,
    processor: undefined,
    dir: here,
  }
  try {
    await runLoad({ ...load, seconds: 4 })
    const measured = await runLoad({ ...load, seconds: 3 })
    if (measured.errors + measured.refused > 0) throw new Error('a preflight was not answered')
    return measured
  } finally {
    await daemon.stop()
  }
}

function idleSeconds(): number {
  const [, , , , idle = 0] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/).map(Number)
  return idle / 100
}

/** Processors that are busy with neither us nor our gateway, measured while nothing of ours runs. */
function otherLoad(): number {
  const before = idleSeconds()
  const begun = Date.now()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  const elapsed = (Date.now() - begun) / 1000
  return availableParallelism() - (idleSeconds() - before) / elapsed
}

// Prints by how much `process.nextTick` has become dearer after major collections that found none of its objects alive.
// With `kept`, in a process prepared as `crossgate serve` is. To be run with --expose-gc.
import { setTimeout as wait } from 'node:timers/promises'
import { prepareForLongRun } from '../../dist/cli/long-run.js'

const TICKS = 300_000
const ROUNDS = 5

function ticks() {
  return new Promise(resolve => {
    let left = TICKS
    const tick = () => (--left > 0 ? process.nextTick(tick) : resolve())
    process.nextTick(tick)
  })
}

// The best of a few rounds: others on the machine can only make it worse.
async function cost() {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    await ticks()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, user + system)
  }
  return best
}

if (process.argv[2] === 'kept') prepareForLongRun()
const before = await cost()
for (let collection = 0; collection < 6; collection++) {
  await wait(10)
  setImmediate(() => globalThis.gc())
  await wait(10)
  await ticks()
}
process.stdout.write(String((await cost()) / before))

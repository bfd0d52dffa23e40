import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { preflight, send } from '../helpers/send.js'
import { workersOf } from '../helpers/workers-of.js'

// Where a worker's start is when the policy changes: none of these may let it serve the one that it began with. A
// worker that is stopped there finds the whole reload done when it goes on; one that runs meets it half-way.
const MOMENTS = Array.from({ length: 4 }, (_, index) => (index + 0.5) / 4)

for (const how of ['is stopped', 'runs on'] as const) {
  test(`what a reload removes no replaced worker allows: it ${how}`, { timeout: 120_000 }, async t => {
    const gateway = await startGateway(t, {
      policy: policy(0),
      flags: ['--workers', '3', '--policy-poll', '1h'],
    })
    const usual = await replace(gateway)
    let whileItStarted = 0
    for (const [index, moment] of MOMENTS.entries()) {
      const { worker, replaced } = await killOldest(gateway)
      await sleep(usual * moment)
      if (how === 'is stopped') process.kill(worker, 'SIGSTOP')
      const loaded = reload(gateway, index + 1)
      // One that was told to open the port is asked about the new policy, so it has to go on.
      const first = await Promise.race([loaded.then(() => 'loaded'), replaced, sleep(3_000)])
      if (first === 'loaded') whileItStarted++
      if (how === 'is stopped') process.kill(worker, 'SIGCONT')
      await loaded
      t.equal(await allowed(gateway, index, replaced), 0, `at ${Math.round(moment * 100)} % of its start`)
    }
    t.ok(whileItStarted > 0, `${whileItStarted} reloads were done while it started`)
  })
}

test('a worker that dies as it starts is replaced once', { timeout: 60_000 }, async t => {
  const gateway = await startGateway(t, { policy: policy(0), flags: ['--workers', '3'] })
  const { worker, replaced } = await killOldest(gateway)
  process.kill(worker, 'SIGKILL')
  await replaced
  // A second one for the same place would have been started by now.
  const after = workersOf(gateway.child)
  t.equal(after.length, 3)
  const lines = (event: string) => gateway.stderr().split(`"event":"${event}"`).length - 1
  t.equal(lines('worker.died'), 1)
  t.equal(lines('worker.failed'), 1)
  t.match(gateway.stderr(), /"error":"a worker ended \(SIGKILL\) before it served"/)
  await replace(gateway)
  t.equal(workersOf(gateway.child).length, 3)
})

function policy(index: number): string {
  // Long enough to be loaded in a thread, which is when a worker has the most time to serve what it began with.
  return `# ${' '.repeat(70_000)}
version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["${origin(index)}"], allowMethods: [GET] }] }
`
}

function origin(index: number): string {
  return `https://o${index}.example`
}

/** Resolves once the gateway has said that the policy is in force. */
async function reload(gateway: TestGateway, index: number): Promise<void> {
  const loads = () => gateway.records.filter(({ event }) => event === 'policy.loaded').length
  const before = loads()
  const path = join(gateway.dir, 'policy.yaml')
  writeFileSync(`${path}.new`, policy(index))
  renameSync(`${path}.new`, path)
  gateway.child.kill('SIGHUP')
  await gateway.record(() => loads() > before)
}

/** How often an origin is allowed, by any worker, until all serve and each has been asked a few times. */
async function allowed(gateway: TestGateway, index: number, done: Promise<void>): Promise<number> {
  let whole = false
  void done.then(() => {
    whole = true
  })
  let count = 0
  for (let last = false; !last; ) {
    last = whole
    // Connections go round.
    const asked = Array.from({ length: 12 }, () => send(gateway.port, preflight(origin(index), 'GET')))
    for (const { status } of await Promise.all(asked)) if (status !== 403) count++
    await sleep(20)
  }
  return count
}

/** Kills a worker; resolves when the one in its place has come to life, long before it serves. */
async function killOldest(gateway: TestGateway): Promise<{ worker: number; replaced: Promise<void> }> {
  const before = workersOf(gateway.child)
  const replacements = () => gateway.stderr().split('"event":"worker.replaced"').length
  const count = replacements()
  process.kill(before[0]!, 'SIGKILL')
  const replaced = until(() => replacements() > count)
  let worker: number | undefined
  await until(() => {
    worker = workersOf(gateway.child).find(pid => !before.includes(pid))
    return worker !== undefined
  })
  return { worker: worker!, replaced }
}

/** @returns how long a worker takes to start, in milliseconds */
async function replace(gateway: TestGateway): Promise<number> {
  const { replaced } = await killOldest(gateway)
  const born = performance.now()
  await replaced
  return performance.now() - born
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come true within 30 s')
    await sleep(5)
  }
}

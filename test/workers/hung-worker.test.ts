import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { freePort } from '../helpers/free-port.js'
import { MAIN } from '../helpers/gateway.js'
import { preflight, send } from '../helpers/send.js'
import { workDir } from '../helpers/work-dir.js'
import { workersOf } from '../helpers/workers-of.js'

const GATEWAY = join(MAIN, '../../gateway')

// A primary as `serve` makes it, but for the time after which a worker hangs, which is no setting.
const PRIMARY = `
import { operationsLog } from '${GATEWAY}/operations-log.js'
import { snapshotPolicy } from '${GATEWAY}/loading/policy-snapshot.js'
import { WorkerFleet } from '${GATEWAY}/workers/worker-fleet.js'
const log = operationsLog({ logLevel: 'info' })
const [policy, ...flags] = process.argv.slice(1)
process.argv = [process.argv[0], '${MAIN}', 'serve', '--policy', policy, '--workers', '2', ...flags]
process.execArgv = []
const { files } = snapshotPolicy(policy)
const fleet = new WorkerFleet({
  size: 2, loadTimeout: 30_000, hangTime: 2_000, files, log, onActivity() {}, onReplaced() {},
})
log.info({ event: 'fleet.started', ...(await fleet.start()) })
let serving = 2
setInterval(() => {
  if (fleet.serving !== serving) log.info({ event: 'serve.now', serving: serving = fleet.serving })
}, 1)
`

const POLICY = `version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: [https://a.example], allowMethods: [GET] }] }
`

test('a worker that hangs is killed and replaced, and one that only pauses is not', {
  timeout: 60_000,
}, async t => {
  const dir = workDir(t, { 'policy.yaml': POLICY })
  const port = await freePort()
  const flags = ['--listen', `127.0.0.1:${port}`, '--admin', 'off']
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', PRIMARY, join(dir, 'policy.yaml'), ...flags],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  t.teardown(() => {
    for (const pid of workersOf(child)) process.kill(pid, 'SIGKILL')
    child.kill('SIGKILL')
  })
  let log = ''
  child.stderr.on('data', chunk => {
    log += chunk
  })
  const says = async (event: string) => {
    while (!log.includes(`"event":"${event}"`)) await sleep(10)
  }
  await says('fleet.started')

  // As after a pause of the machine: long enough for all that was asked to be late.
  child.kill('SIGSTOP')
  for (const pid of workersOf(child)) process.kill(pid, 'SIGSTOP')
  await sleep(3_000)
  child.kill('SIGCONT')
  for (const pid of workersOf(child)) process.kill(pid, 'SIGCONT')

  const [hung, other] = workersOf(child)
  process.kill(hung!, 'SIGSTOP')
  await says('worker.replaced')
  const events = log
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { event: string; worker?: number; how?: string })
  t.match(
    events.filter(({ event }) => event.startsWith('worker.')),
    [
      { event: 'worker.hung', worker: hung },
      { event: 'worker.died', worker: hung, how: 'SIGKILL' },
      { event: 'worker.replaced', serving: 2 },
    ],
  )
  t.match(
    events.filter(({ event }) => event === 'serve.now'),
    [{ serving: 1 }, { serving: 2 }],
  )
  t.ok(workersOf(child).includes(other!))
  for (let round = 0; round < 4; round++)
    t.equal((await send(port, preflight('https://a.example', 'GET'))).status, 204)
})

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { runCli, startGateway, type TestGateway } from '../helpers/gateway.js'
import { preflight, send } from '../helpers/send.js'
import { steadyLoad } from '../helpers/steady-load.js'
import { startUpstream } from '../helpers/upstream.js'
import { workersOf } from '../helpers/workers-of.js'

const SHOP = 'https://www.shop.example'

test('several workers are one gateway: one port, one log, one set of metrics', async t => {
  const { gateway, admin } = await startWorkers(t, ['--audit-window', '0'])
  t.match(gateway.stderr(), /"workers":2/)
  const asked = 40
  for (let i = 0; i < asked; i++) {
    const answer = await send(gateway.port, { headers: { origin: `https://evil-${i}.example` } })
    t.equal(answer.status, 403)
  }
  const denials = () => gateway.records.filter(({ event }) => event === 'cors.denied')
  await until(async () => denials().length >= asked)
  const denied = denials()
  t.equal(denied.length, asked, 'every denial has its record')
  t.equal(new Set(denied.map(({ boot }) => boot)).size, 2, 'by both workers')
  for (const boot of new Set(denied.map(({ boot }) => boot))) {
    const seqs = denied.filter(record => record['boot'] === boot).map(record => Number(record['seq']))
    t.same(
      seqs,
      [...seqs].sort((a, b) => a - b),
      'in sequence',
    )
  }
  const metrics = await exposition(admin)
  t.equal(value(metrics, 'crossgate_decisions_total', 'reason="origin-not-allowed"'), asked)
  t.equal(value(metrics, 'crossgate_policy_info'), 1, 'one policy, not one for each process')
  t.equal(value(metrics, 'crossgate_workers_serving'), 2)
  t.equal(value(metrics, 'crossgate_upstream_connections_limit'), 64, 'the limit of the policy, divided')
  t.equal((await send(admin, { path: '/readyz' })).status, 200)
  await until(async () => (await send(admin, { path: '/denials' })).body.includes('evil-39.example'))
  t.equal(
    gateway.records.filter(({ event }) => event === 'policy.loaded').length,
    1,
    'loaded once, as one sees it',
  )
})

test('a reload reaches all workers, a bad one none, and a worker that comes later has it', async t => {
  const { gateway, admin, upstream } = await startWorkers(t, [])
  const file = join(gateway.dir, 'policy.yaml')
  const allowed = async (origin: string) => {
    // Connections go round, so a few requests ask every worker.
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(gateway.port, preflight(origin, 'GET'))),
    )
    return new Set(answers.map(({ status }) => status))
  }
  writeFileSync(file, policy(upstream, 'https://second.shop.example'))
  const loaded = await gateway.record(
    ({ event, changes }) => event === 'policy.loaded' && changes !== undefined,
  )
  await until(async () => (await allowed('https://second.shop.example')).size === 1)
  t.same([...(await allowed('https://second.shop.example'))], [204])
  t.same([...(await allowed(SHOP))], [403])

  writeFileSync(file, policy(upstream, 'https://not.an/origin'))
  await gateway.record(({ event }) => event === 'policy.rejected')
  t.same([...(await allowed('https://second.shop.example'))], [204])
  t.match((await send(admin, { path: '/policy' })).body, String(loaded['policyRevision']))

  const [victim] = workersOf(gateway.child)
  process.kill(victim!, 'SIGKILL')
  await gatewaySays(gateway, 'worker.replaced')
  t.same([...(await allowed('https://second.shop.example'))], [204], 'though the file is bad now')
  t.same([...(await allowed(SHOP))], [403])
})

test('a worker that dies is replaced and said so, and no count goes back', async t => {
  const { gateway, admin } = await startWorkers(t, [])
  for (let i = 0; i < 10; i++) await send(gateway.port, { headers: { origin: SHOP } })
  const before = value(await exposition(admin), 'crossgate_decisions_total', 'outcome="allowed"')
  t.equal(before, 10)
  const pids = workersOf(gateway.child)
  t.equal(pids.length, 2)
  process.kill(pids[0]!, 'SIGKILL')
  await gatewaySays(gateway, 'worker.replaced')
  t.match(
    gateway.stderr(),
    new RegExp(`"event":"worker.died","worker":${pids[0]},"how":"SIGKILL","replacedInMilliseconds":\\d+`),
  )
  const metrics = await exposition(admin)
  t.equal(value(metrics, 'crossgate_decisions_total', 'outcome="allowed"'), 10)
  t.equal(value(metrics, 'crossgate_workers_replaced_total'), 1)
  t.equal(value(metrics, 'crossgate_workers_serving'), 2)
  const after = workersOf(gateway.child)
  t.equal(after.length, 2)
  t.notOk(after.includes(pids[0]!))
  for (let i = 0; i < 10; i++) t.equal((await send(gateway.port, { headers: { origin: SHOP } })).status, 200)
})

test('where no worker can be started in its place, the others stay, and it is tried again', async t => {
  const { gateway, admin } = await startWorkers(t, ['--policy-poll', '1h'])
  const [victim, other] = workersOf(gateway.child)
  const { pid } = gateway.child
  // As with a limit of processes, but root is not above this one.
  const limit = (count: string) => execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${count}:`])
  limit('1')
  process.kill(victim!, 'SIGKILL')
  await gatewaySays(gateway, 'worker.failed')
  t.match(gateway.stderr(), /"event":"worker\.failed","error":"a worker cannot be started: spawn .*EMFILE"/)
  t.same(workersOf(gateway.child), [other])
  limit('1024')
  await gatewaySays(gateway, 'worker.replaced')
  t.equal(workersOf(gateway.child).length, 2)
  t.equal(value(await exposition(admin), 'crossgate_workers_serving'), 2)
  t.equal((await send(gateway.port, { headers: { origin: SHOP } })).status, 200)
})

test('SIGTERM under load loses nothing that a balancer would send, and ends every worker', async t => {
  const { gateway, admin } = await startWorkers(t, ['--drain-delay', '2s'], 10)
  const pids = workersOf(gateway.child)
  const load = steadyLoad(gateway.port, { clients: 30, origin: SHOP })
  await load.answered(300)
  const exited = once(gateway.child, 'exit')
  gateway.child.kill('SIGTERM')
  await until(async () => (await send(admin, { path: '/readyz' })).status === 503)
  await load.answered(load.count + 100)
  const result = await load.stop()
  t.same(result.lost, [], JSON.stringify(result))
  t.equal(result.refused, 0)
  t.same(await exited, [0, null])
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('workers end with their primary, and what they had counted is recorded', async t => {
  const { gateway } = await startWorkers(t, ['--audit-window', '10m'])
  const pids = workersOf(gateway.child)
  t.equal(pids.length, 2)
  const asked = 20
  for (let i = 0; i < asked; i++) await send(gateway.port, { headers: { origin: 'https://evil.example' } })
  gateway.child.kill('SIGKILL')
  await until(async () => pids.every(pid => !alive(pid)))
  await gateway.stop()
  const counts = gateway.records
    .filter(({ event }) => event === 'cors.denied')
    .map(({ count }) => Number(count ?? 1))
  t.ok(counts.length < asked, 'folded')
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    asked,
  )
})

test('nothing is started on a bad policy or a taken port', async t => {
  const { gateway, upstream } = await startWorkers(t, [])
  const taken = ['--policy', join(gateway.dir, 'policy.yaml'), '--listen', `127.0.0.1:${gateway.port}`]
  const second = await runCli(['serve', ...taken, '--admin', 'off', '--workers', '2'])
  t.equal(second.code, 1)
  t.match(second.stderr, /cannot listen on 127\.0\.0\.1:\d+: another process has this port/)
  const bad = join(gateway.dir, 'bad.txt')
  writeFileSync(bad, policy(upstream, '*.example'))
  const refused = await runCli([
    'serve',
    '--policy',
    bad,
    '--workers',
    '2',
    '--admin',
    'off',
    '--listen',
    '127.0.0.1:0',
  ])
  t.equal(refused.code, 2)
  for (const text of ['0', '1.5', 'many', '257']) {
    const { code, stderr } = await runCli(['serve', '--policy', bad, '--workers', text])
    t.equal(code, 2)
    t.match(stderr, /--workers: /)
  }
})

async function startWorkers(t: Test, flags: readonly string[], delay = 0) {
  const { url } = await startUpstream(t, (_, res) => setTimeout(() => res.end('ok'), delay))
  const gateway = await startGateway(t, { policy: policy(url, SHOP), flags: ['--workers', '2', ...flags] })
  return { gateway, admin: Number(new URL(gateway.admin).port), upstream: url }
}

function policy(url: string, origin: string): string {
  return `version: 1
upstreams: { api: { url: ${url} } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["${origin}"], allowMethods: [GET] }] }
`
}

async function exposition(admin: number): Promise<string> {
  return (await send(admin, { path: '/metrics' })).body
}

/** The sum of a metric's series that hold `label`. */
function value(metrics: string, name: string, label = ''): number {
  const lines = metrics.split('\n').filter(line => line.startsWith(name) && line.includes(label))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

async function gatewaySays(gateway: TestGateway, event: string): Promise<void> {
  await gateway.logged(new RegExp(`"event":"${event}"`))
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 15 s')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

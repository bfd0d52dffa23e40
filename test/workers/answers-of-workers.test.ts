import { once } from 'node:events'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Test, test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { workersOf } from '../helpers/workers-of.js'

const CA = resolve(import.meta.dirname, '../fixtures/tls/ca.pem')

// A worker that is stopped keeps a reload waiting for its answer.

for (const how of ['SIGCONT', 'SIGKILL'] as const) {
  test(`what the end of the gateway keeps from loading is no news of the policy: ${how}`, async t => {
    const gateway = await start(t)
    await offer(gateway)
    const exited = once(gateway.child, 'close')
    gateway.child.kill('SIGTERM')
    await says(gateway, 'gateway.stopping')
    for (const worker of workersOf(gateway.child)) process.kill(worker, how)
    t.strictSame(await exited, [0, null])
    t.strictSame(
      gateway.records.map(({ event, trigger }) => [event, trigger]),
      [['policy.loaded', 'start']],
    )
    t.notMatch(gateway.stderr(), /policy\.(rejected|reloaded)/)
    t.match(gateway.stderr(), /"event":"gateway\.stopped"\}\n$/)
  })
}

test('a policy that no worker lived to take is not in force', async t => {
  const gateway = await start(t)
  const before = gateway.records[0]!.policyRevision
  await offer(gateway)
  for (const worker of workersOf(gateway.child)) process.kill(worker, 'SIGKILL')
  const rejected = await gateway.record(({ event }) => event === 'policy.rejected')
  t.equal(rejected.error, 'a worker could not take it: none that was asked lived to answer')
  t.equal(rejected.policyRevision, before)
})

test('what is wrong in a worker alone is said with its place and code', async t => {
  const ca = join(t.testdir(), 'ca.pem')
  copyFileSync(CA, ca)
  const gateway = await start(t, `, tls: { ca: ${ca} }`)
  await offer(gateway, `, tls: { ca: ${ca} }`)
  rmSync(ca)
  for (const worker of workersOf(gateway.child)) process.kill(worker, 'SIGCONT')
  const { error, problems } = await gateway.record(({ event }) => event === 'policy.rejected')
  t.equal(error, 'a worker could not take it: the policy has 1 error')
  t.match(problems, [/policy\.yaml:2:\d+: tls-unreadable .*ca\.pem/])

  const [victim] = workersOf(gateway.child)
  process.kill(victim!, 'SIGKILL')
  await says(gateway, 'worker.failed')
  const failed = logged(gateway, 'worker.failed')[0]!
  t.match(failed.problems, [/policy\.yaml:2:\d+: tls-unreadable .*ca\.pem/])
  t.ok(Number(failed.retriedInMilliseconds) > 0, 'and when it is tried again')
  t.equal(await replacedCount(gateway), 0, 'nothing is replaced yet')

  copyFileSync(CA, ca)
  await says(gateway, 'worker.replaced')
  t.equal(await replacedCount(gateway), 1)
  t.match(logged(gateway, 'worker.died'), [{ worker: victim, how: 'SIGKILL' }], 'one died, once')
})

function start(t: Test, tls = ''): Promise<TestGateway> {
  const flags = ['--workers', '2', '--policy-poll', '1h', '--log-level', 'debug']
  return startGateway(t, { policy: policy('https://a.example', tls), flags })
}

/** Resolves when all workers are stopped and have been asked to take another policy. */
async function offer(gateway: TestGateway, tls = ''): Promise<void> {
  for (const worker of workersOf(gateway.child)) process.kill(worker, 'SIGSTOP')
  writeFileSync(join(gateway.dir, 'policy.yaml'), policy('https://b.example', tls))
  gateway.child.kill('SIGHUP')
  await says(gateway, 'policy.offered')
}

async function says(gateway: TestGateway, event: string): Promise<void> {
  await gateway.logged(new RegExp(`"event":"${event}"`))
}

function logged(gateway: TestGateway, event: string): Record<string, unknown>[] {
  const lines = gateway.stderr().trim().split('\n')
  return lines.map(line => JSON.parse(line)).filter(line => line.event === event)
}

async function replacedCount(gateway: TestGateway): Promise<number> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text()
  return Number(/^crossgate_workers_replaced_total (.*)$/m.exec(text)?.[1])
}

function policy(origin: string, tls: string): string {
  return `version: 1
upstreams: { api: { url: https://127.0.0.1:9${tls} } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: [${origin}], allowMethods: [GET] }] }]
`
}

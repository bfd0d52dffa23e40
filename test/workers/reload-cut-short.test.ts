import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { workersOf } from '../helpers/workers-of.js'

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

function start(t: Test): Promise<TestGateway> {
  const flags = ['--workers', '2', '--policy-poll', '1h']
  return startGateway(t, { policy: policy('https://a.example'), flags })
}

/** Resolves when all workers are stopped and have been asked to take another policy. */
async function offer(gateway: TestGateway): Promise<void> {
  for (const worker of workersOf(gateway.child)) process.kill(worker, 'SIGSTOP')
  writeFileSync(join(gateway.dir, 'policy.yaml'), policy('https://b.example'))
  gateway.child.kill('SIGHUP')
  // Done after it, and said.
  gateway.child.kill('SIGUSR2')
  await says(gateway, 'audit.reopened')
}

async function says(gateway: TestGateway, event: string): Promise<void> {
  while (!gateway.stderr().includes(`"event":"${event}"`)) await once(gateway.child.stderr!, 'data')
}

function policy(origin: string): string {
  return `version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: [${origin}], allowMethods: [GET] }] }]
`
}

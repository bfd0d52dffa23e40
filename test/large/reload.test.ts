import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Client } from 'undici'
import { manyLists, oneSet } from '../../bench/large-policy.js'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'
import { startGateway, type TestGateway } from '../helpers/gateway.js'

const UPSTREAM = 'http://127.0.0.1:9'
const SMALL = `version: 1
upstreams: { u: { url: "${UPSTREAM}" } }
routes:
  - { id: r7, path: /service/7/**, upstream: u, cors: [{ allowOrigins: [https://small.example], allowMethods: [GET] }] }
`

/** Replaces the policy at once. */
function put(gateway: TestGateway, text: string): void {
  const path = join(gateway.dir, 'policy.yaml')
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

function count(gateway: TestGateway, event: string): number {
  return gateway.records.filter(record => record.event === event).length
}

async function next(gateway: TestGateway, event: string, change: () => void): Promise<void> {
  const before = count(gateway, event)
  change()
  await gateway.record(() => count(gateway, event) > before)
}

/** A preflight, which the gateway answers by itself: 204 where the origin is allowed. */
async function ask(client: Client, origin: string): Promise<number> {
  const { statusCode, body } = await client.request({
    method: 'OPTIONS',
    path: '/service/7/x',
    headers: { host: 'api.shop.example', origin, 'access-control-request-method': 'GET' },
  })
  await body.dump()
  return statusCode
}

/** The longest that one client waits for an answer until `done`, in milliseconds. */
async function longestWait(client: Client, done: Promise<unknown>): Promise<number> {
  let isDone = false
  void done.then(() => {
    isDone = true
  })
  let longest = 0
  while (!isDone) {
    const begun = performance.now()
    await ask(client, 'https://evil.example')
    longest = Math.max(longest, performance.now() - begun)
  }
  return longest
}

for (const [name, policy, origin] of [
  ['one set', oneSet, (mark: string) => `https://${mark}-99999.customers.shop.example`],
  ['a list in every rule', manyLists, (mark: string) => `https://${mark}-7-99.shop.example`],
] as const) {
  t.test(`no request waits for the reload of a large policy: ${name}`, async t => {
    const begun = performance.now()
    const { policy: loaded } = loadPolicyFiles([{ file: 'policy.yaml', text: policy(UPSTREAM) }])
    const synchronous = performance.now() - begun
    t.equal(loaded?.routes.length, 1000)

    // Denials folded: whoever asks without a pause must not be slowed down by reading a record of each.
    const flags = ['--policy-poll', '1h', '--audit-window', '10m']
    const gateway = await startGateway(t, { policy: policy(UPSTREAM), flags })
    const client = new Client(gateway.url)
    t.teardown(() => client.destroy())
    t.equal(await ask(client, origin('site')), 204)
    const quiet = await longestWait(client, sleep(1000))
    const waits: number[] = []
    for (const mark of ['red', 'green', 'blue']) {
      t.equal(await ask(client, origin(mark)), 403)
      const reloaded = next(gateway, 'policy.loaded', () => put(gateway, policy(UPSTREAM, mark)))
      waits.push(await longestWait(client, reloaded))
      t.equal(await ask(client, origin(mark)), 204)
    }
    const loads = gateway.records.filter(({ event }) => event === 'policy.loaded')
    t.match(loads.at(-1)?.changes, [/origins? gained on route r/])
    // What we do, we do every time; the worst of three may be another process, and so is what is waited without a reload.
    const best = Math.min(...waits) - quiet
    t.comment(
      `waited ${waits.map(Math.round).join(', ')} ms (${Math.round(quiet)} without a reload), loading takes ${Math.round(synchronous)} ms`,
    )
    t.ok(best < 150, `${Math.round(best)} ms at the longest`)
    t.ok(best * 5 < synchronous, `of ${Math.round(synchronous)} ms`)
  })
}

t.test('a large policy with a mistake, then without', async t => {
  const gateway = await startGateway(t, { policy: SMALL, flags: ['--policy-poll', '1h'] })
  const client = new Client(gateway.url)
  t.teardown(() => client.destroy())
  const bad = oneSet(UPSTREAM).replace('https://site-50000.', 'https://Site-50000.')
  await next(gateway, 'policy.rejected', () => put(gateway, bad))
  t.match(gateway.records.at(-1), {
    event: 'policy.rejected',
    error: 'the policy has 1 error',
    problems: [/policy\.yaml:50005:7: origin-upper-case/],
  })
  t.equal(await ask(client, 'https://small.example'), 204, 'the last good one stays')
  await next(gateway, 'policy.loaded', () => put(gateway, oneSet(UPSTREAM)))
  t.equal(await ask(client, 'https://site-50000.customers.shop.example'), 204)
})

t.test('a slow load never replaces a newer policy', async t => {
  const gateway = await startGateway(t, { policy: SMALL, flags: ['--policy-poll', '1h'] })
  const client = new Client(gateway.url)
  t.teardown(() => client.destroy())
  put(gateway, oneSet(UPSTREAM))
  gateway.child.kill('SIGHUP')
  await sleep(200)
  // While the thread reads the large one.
  for (const origin of ['https://older.example', 'https://newest.example']) {
    put(gateway, SMALL.replace('https://small.example', origin))
    gateway.child.kill('SIGHUP')
  }
  while ((await ask(client, 'https://newest.example')) !== 204) await sleep(20)
  await sleep(1000)
  t.equal(await ask(client, 'https://newest.example'), 204)
  const routes = gateway.records.filter(({ event }) => event === 'policy.loaded').map(({ routes }) => routes)
  t.equal(routes.at(-1), 1)
  t.equal(routes.lastIndexOf(1000) < routes.length - 1, true)
})

t.test('a load for which there is no memory', async t => {
  const gateway = await startGateway(t, {
    policy: SMALL,
    flags: ['--policy-poll', '1h'],
    env: { NODE_OPTIONS: '--max-old-space-size=40' },
  })
  const client = new Client(gateway.url)
  t.teardown(() => client.destroy())
  await next(gateway, 'policy.rejected', () => put(gateway, oneSet(UPSTREAM)))
  t.match(gateway.records.at(-1), { error: 'the policy cannot be loaded: there is not enough memory' })
  t.equal(await ask(client, 'https://small.example'), 204, 'the last good one stays')
  const again = SMALL.replace('https://small.example', 'https://again.example')
  await next(gateway, 'policy.loaded', () => put(gateway, again))
  t.equal(await ask(client, 'https://again.example'), 204)
})

t.test('two workers take a large policy together', async t => {
  const gateway = await startGateway(t, { policy: SMALL, flags: ['--policy-poll', '1h', '--workers', '2'] })
  await next(gateway, 'policy.loaded', () => put(gateway, manyLists(UPSTREAM)))
  for (let connection = 0; connection < 6; connection++) {
    const client = new Client(gateway.url)
    const status = await ask(client, 'https://site-7-99.shop.example')
    await client.close()
    t.equal(status, 204)
  }
})

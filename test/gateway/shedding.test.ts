import { once } from 'node:events'
import t, { type Test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

// What is refused with 503 although the policy lets it through is counted for its upstream, by why.

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
const WEBSOCKET =
  'GET / HTTP/1.1\r\nHost: a.example\r\nOrigin: https://a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
const NONE = { complete: 0, overloaded: 0, shed: 0 }

/** A gateway with one connection to an upstream that never answers `/slow`, and another upstream that nobody asks. */
async function start(t: Test, flags: readonly string[] = [], nodeFlags: readonly string[] = []) {
  const upstream = await startUpstream(
    t,
    (request, response) => request.url === '/slow' || response.end('ok'),
  )
  const policy = `version: 1
upstreams: { api: { url: "${upstream.url}", connections: 1, queue: 0 }, idle: { url: "${upstream.url}" } }
routes:
  - { id: api, path: /**, upstream: api, websocket: true, cors: [{ allowOrigins: [https://a.example], allowMethods: [GET] }] }
  - { id: idle, path: /idle, upstream: idle }
`
  const gateway = await startGateway(t, { policy, flags, nodeFlags })
  t.same(await countsOf(gateway, 'api'), NONE, 'from the start, so that an alert has something to rise from')
  return { upstream, gateway }
}

async function countsOf(gateway: TestGateway, upstream: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text()
  const rows = text.matchAll(/^crossgate_upstream_requests_total\{upstream="(.+)",result="(.+)"\} (\d+)$/gm)
  return Object.fromEntries(
    [...rows].flatMap(([, name, result, count]) => (name === upstream ? [[result, Number(count)]] : [])),
  )
}

t.test('no place in the queue', async t => {
  const { upstream, gateway } = await start(t)
  const slow = await rawClient(t, gateway.port)
  const taken = once(upstream.server, 'request')
  slow.send(get('/slow'))
  await taken
  t.match(await send(gateway.port), { status: 503, headers: { 'retry-after': '1' } })
  t.same(await countsOf(gateway, 'api'), { ...NONE, overloaded: 1 })
  t.same(await countsOf(gateway, 'idle'), NONE)
  t.ok(
    await gateway.logged(/"level":"warn".*"event":"upstream.failed".*"failure":"overloaded"/),
    'the log says so',
  )
})

t.test('a gateway beyond its limits', async t => {
  // A bare start needs more than one percent of such a heap.
  const { upstream, gateway } = await start(t, ['--max-heap-percent', '1'], ['--max-old-space-size=64'])
  let complete = 0
  // The heap is looked at some ten times a second.
  for (; complete < 1_000; complete++) if ((await send(gateway.port)).status === 503) break
  const client = await rawClient(t, gateway.port)
  client.send(WEBSOCKET)
  const { status, all } = await client.response()
  t.same([status, all('retry-after')], [503, ['1']])
  t.equal(upstream.seen.length, complete, 'the upstream never heard of them')
  t.same(await countsOf(gateway, 'api'), { ...NONE, complete, shed: 2 })
  await gateway.stop()
  t.notMatch(gateway.stderr(), /upstream.failed/, 'nor are they its failure')
  await gateway.stop()
  const lines = gateway.stderr().match(/"event":"request.refused".*"failure":"shed".*/g)
  t.equal(lines?.length, 2, 'the first, and a count of those like it')
  t.match(lines?.[1], /"count":1,/)
})

t.test('a client that pipelines too much', async t => {
  const { upstream, gateway } = await start(t)
  const client = await rawClient(t, gateway.port)
  client.send(get('/slow').repeat(129))
  await client.closed
  const counts = await countsOf(gateway, 'api')
  t.match(counts, { ...NONE, 'too-many-pipelined': 1 })
  t.ok(upstream.seen.length <= 1)
  t.notMatch(gateway.stderr(), /upstream.failed/, 'no alarm hangs on what a client does')
})

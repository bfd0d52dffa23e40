import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { LoadShedder } from '../../src/gateway/listener/load-shedder.js'
import { startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

t.test('a loop that is always late is overload, one pause is not', async t => {
  const shedder = new LoadShedder({ maxEventLoopDelay: 250, maxHeapPercent: 100 })
  t.teardown(() => shedder.close())
  block(600)
  await wait(0)
  t.notOk(shedder.overloaded, 'one pause')
  for (let round = 0; round < 60 && !shedder.overloaded; round++) {
    block(700)
    await wait(0)
  }
  t.ok(shedder.overloaded, 'a series')
  for (let left = 400; shedder.overloaded && left > 0; left--) await wait(50)
  t.notOk(shedder.overloaded, 'and it ends')
})

t.test('what would be forwarded is 503, readable, and comes back later; refusals go on', async t => {
  const upstream = await startUpstream(t)
  const policy = `version: 1
upstreams: { api: { url: "${upstream.url}" } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["https://app.example"], allowMethods: [GET] }] }]
`
  // No heap is as empty as one per cent of its limit for long.
  const gateway = await startGateway(t, {
    policy,
    flags: ['--max-heap-percent', '1', '--audit', 'all'],
    env: { NODE_OPTIONS: '--max-old-space-size=64' },
  })
  const origin = 'https://app.example'
  let answer = await send(gateway.port, { headers: { origin } })
  for (let left = 100; answer.status === 200 && left > 0; left--) {
    await wait(50)
    answer = await send(gateway.port, { headers: { origin } })
  }
  t.equal(answer.status, 503)
  t.equal(answer.headers['retry-after'], '1')
  t.equal(answer.headers['access-control-allow-origin'], origin)
  const foreign = await send(gateway.port, { headers: { origin: 'https://evil.example' } })
  t.equal(foreign.status, 403, 'a denial costs nothing upstream')
  t.match(await gateway.record(({ status }) => status === 503), { reason: 'origin-allowed' })
})

function block(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {}
}

import { type Test, test } from 'tap'
import { startBalancer } from '../helpers/balancer.js'
import { freePort } from '../helpers/free-port.js'
import { startGateway } from '../helpers/gateway.js'
import { steadyLoad } from '../helpers/steady-load.js'
import { startUpstream } from '../helpers/upstream.js'

const SHOP = 'https://www.shop.example'

test('a rolling restart of two gateways behind a balancer loses no request', { timeout: 90_000 }, async t => {
  const upstream = await startUpstream(t, (_, res) => setTimeout(() => res.end('ok'), 5))
  const places = [await place(), await place()] as const
  const start = (which: 0 | 1, workers: string) => startAt(t, upstream.url, places[which], workers)
  const running = [await start(0, '1'), await start(1, '1')]
  const balancer = await startBalancer(t, places)
  await balancer.inRotation(2)
  const load = steadyLoad(balancer.port, { clients: 24, origin: SHOP, persistent: true })
  await load.answered(500)

  // Twice round; the second time each comes back with two workers, which must be no different.
  for (const workers of ['1', '2']) {
    for (const which of [0, 1] as const) {
      t.equal(await running[which]!.stop(), 0)
      await load.answered(load.count + 200)
      running[which] = await start(which, workers)
      await balancer.inRotation(2)
      await load.answered(load.count + 200)
    }
  }
  for (const which of [0, 1] as const) t.match(running[which]!.stderr(), '"workers":2')
  const result = await load.stop()
  t.comment(
    `${result.answered} answered, ${result.refused} refused, ${result.lost.length} lost in four restarts`,
  )
  t.same(result.lost, [])
  t.equal(result.refused, 0)
})

async function place() {
  return { port: await freePort(), admin: await freePort() }
}

function startAt(t: Test, url: string, { port, admin }: { port: number; admin: number }, workers: string) {
  const policy = `version: 1
upstreams: { api: { url: ${url} } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: [${SHOP}], allowMethods: [GET] }] }
`
  const listeners = ['--listen', `127.0.0.1:${port}`, '--admin', `127.0.0.1:${admin}`]
  return startGateway(t, { policy, flags: [...listeners, '--drain-delay', '1s', '--workers', workers] })
}

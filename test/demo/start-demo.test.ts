import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { accepts, PortTakenError } from '../../demo/listen.js'
import { ANY_PORTS } from '../../demo/ports.js'
import { startDemo } from '../../demo/start-demo.js'
import { welcome } from '../../demo/welcome.js'

t.test('runs all four, the gateway with a policy of their real ports', async t => {
  let tell = (): void => {}
  const recorded = new Promise<void>(resolve => {
    tell = resolve
  })
  const onAuditLine = (line: string) => line.includes('origin-not-allowed') && tell()
  const demo = await startDemo({ ports: ANY_PORTS, onAuditLine })
  t.teardown(demo.close)
  const { gateway, api, allowedPage, foreignPage, policy } = demo
  t.match(readFileSync(policy, 'utf8'), api.url)
  t.match(readFileSync(policy, 'utf8'), allowedPage.url)

  const orders = (Origin: string) =>
    fetch(`${gateway.url}/orders`, { headers: { Origin, Cookie: 'session=alice' } })
  const allowed = await orders(allowedPage.url)
  t.equal(allowed.status, 200)
  t.equal(allowed.headers.get('access-control-allow-origin'), allowedPage.url)

  const before = api.requests().total
  const denied = await orders(foreignPage.url)
  t.equal(denied.status, 403)
  t.match(denied.headers.get('content-type'), 'application/problem+json')
  t.equal(api.requests().total, before, 'the API never heard of it')
  await recorded
  t.pass('the audit log did')

  const text = welcome(demo)
  for (const { url } of [gateway, api, allowedPage, foreignPage]) t.match(text, url)

  await demo.close()
  t.notOk(existsSync(policy), 'the copy of the policy is gone')
  for (const { url } of [gateway, api, allowedPage, foreignPage]) {
    t.notOk(await accepts('127.0.0.1', Number(new URL(url).port)), `${url} is closed`)
  }
})

// What it left running would keep this test's process alive, and run into tap's timeout.
t.test('names the port that is taken, and leaves nothing running', async t => {
  const squatter = createServer().listen(0, '127.0.0.1')
  t.teardown(() => squatter.close())
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo

  for (const [server, wantedFor] of [
    ['gateway', 'the gateway'],
    ['api', 'the sample API'],
    ['foreignPage', 'the foreign page'],
  ] as const) {
    const start = startDemo({ ports: { ...ANY_PORTS, [server]: port } })
    await t.rejects(start, new PortTakenError(port, wantedFor), server)
  }
})

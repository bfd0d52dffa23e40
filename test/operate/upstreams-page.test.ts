import t from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

const CODE_CAN_GO = /removed before any browser sees them; their code can go\./

t.test('what a route in report mode passes on is shown, and nobody is told to take it out', async t => {
  const upstream = await startUpstream(t, ({ headers }, response) => {
    response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*')
    response.end('ok')
  })
  const policy = (routes: string): string => `version: 1
upstreams:
  api: { url: ${upstream.url} }
  same-api: { url: ${upstream.url} }
  other: { url: "http://127.0.0.1:9" }
routes:
${routes}`
  const enforced = (upstream: string) =>
    `  - { id: login, path: /login, upstream: ${upstream}, onDenied: strip }\n`
  const report = (upstream: string) =>
    `  - { id: everything, path: /**, upstream: ${upstream}, mode: report }\n`
  const check = async (routes: string, patterns: readonly RegExp[], more: readonly string[] = []) => {
    const gateway = await startGateway(t, { policy: policy(routes), flags: more })
    for (const path of ['/login', '/orders'])
      await send(gateway.port, { path, headers: { origin: 'https://app.example' } })
    await pageWith(gateway, patterns)
    return gateway
  }
  const passedOn = />everything<[\s\S]*passed on \(report mode\)[\s\S]*https:\/\/app\.example/
  const removed = /removed<\/span>/
  const keep = /Leave their code in[\s\S]*href="\/routes#everything"/
  const cases: readonly [string, readonly RegExp[]][] = [
    [report('api'), [passedOn, keep]],
    [enforced('api') + report('api'), [passedOn, removed, keep]],
    [enforced('same-api') + report('api'), [passedOn, removed, keep]],
  ]
  for (const [routes, patterns] of cases) {
    const gateway = await check(routes, patterns)
    const page = await pageWith(gateway, [])
    t.notMatch(page, CODE_CAN_GO)
    t.match(await exposition(gateway), routes.includes('login') ? /stripped\S+ 1\n/ : /stripped\S+ 0\n/)
  }
  await check(enforced('api') + report('api'), [passedOn, removed, keep], ['--workers', '2'])
  const gone = await check(enforced('api') + report('other'), [removed, CODE_CAN_GO])
  t.notMatch(await pageWith(gone, []), keep, 'the route in report mode leads elsewhere')
})

async function pageWith(gateway: TestGateway, patterns: readonly RegExp[]): Promise<string> {
  const until = Date.now() + 10_000
  for (;;) {
    const page = await (await fetch(`${gateway.admin}/upstreams`)).text()
    const missing = patterns.filter(pattern => !pattern.test(page))
    if (missing.length === 0) return page
    if (Date.now() > until) throw new Error(`${missing.join(' ')} not in ${page}`)
  }
}

async function exposition(gateway: TestGateway): Promise<string> {
  return (await fetch(`${gateway.admin}/metrics`)).text()
}

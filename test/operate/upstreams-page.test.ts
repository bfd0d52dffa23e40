import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import t from 'tap'
import { failingUpstreams } from '../../src/admin/failing-upstreams.js'
import { FAILURE_SENTENCES } from '../../src/admin/failure-sentence.js'
import { Activity } from '../../src/observe/activity/activity.js'
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
  const keep = /Leave the code that sends them in[\s\S]*href="\/routes#everything"/
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

t.test('the manual and the console explain the same codes', async t => {
  const docs = readFileSync(resolve(import.meta.dirname, '../../docs/operating.md'), 'utf8')
  const [, section = ''] = docs.split('## When an upstream fails')
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (`.*?) \|/gm)]
  const codes = rows.flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, code]) => code))
  t.same(codes.sort(), [...FAILURE_SENTENCES.keys()].sort())
})

t.test('a failing upstream: the code behind it, its URL and what that most often means', async t => {
  const tls = async (name: string): Promise<string> => {
    const read = (file: string) => readFileSync(resolve(import.meta.dirname, `../fixtures/tls/${file}.pem`))
    const server = createServer({ cert: read(name), key: read(`${name}-key`) }, (_, answer) => answer.end())
    t.teardown(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `https://localhost:${(server.address() as AddressInfo).port}`
  }
  const plain = await startUpstream(t)
  const ca = resolve(import.meta.dirname, '../fixtures/tls/ca.pem')
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['refused', 'http://127.0.0.1:9', /ECONNREFUSED<.*Nothing listens there/],
    ['unsigned', await tls('self-signed'), /DEPTH_ZERO_SELF_SIGNED_CERT<.*<code>tls\.ca<\/code>/],
    ['misnamed', await tls('wrong-name'), /ERR_TLS_CERT_ALTNAME_INVALID<.*<code>tls\.serverName<\/code>/],
    ['old', await tls('expired'), /CERT_HAS_EXPIRED<.*needs a new one/],
    ['plain', plain.url.replace('http:', 'https:'), /ERR_SSL_WRONG_VERSION_NUMBER<.*<code>http:\/\/<\/code>/],
  ]
  const upstreams = cases.map(([name, url]) => {
    const trust = name === 'misnamed' || name === 'old' ? `, tls: { ca: ${ca} }` : ''
    return `  ${name}: { url: "${url}"${trust} }`
  })
  const routes = cases.map(([name]) => `  - { id: ${name}, path: /${name}, upstream: ${name} }`)
  const policy = ['version: 1', 'upstreams:', ...upstreams, 'routes:', ...routes, ''].join('\n')
  for (const workers of ['1', '2']) {
    const gateway = await startGateway(t, { policy, flags: ['--workers', workers] })
    for (const [name] of cases) t.equal((await send(gateway.port, { path: `/${name}` })).status, 502, name)
    const all = cases.map(([name]) => new RegExp(`id="${name}"(?:(?!</section>)[\\s\\S])*bad-gateway`))
    const page = await pageWith(gateway, all)
    for (const [name, url, pattern] of cases) {
      const card = page.split(`id="${name}"`)[1]?.split('</section>')[0] ?? ''
      t.match(card, pattern, name)
      t.match(card, `from <code>${url}</code>`, name)
    }
  }
})

t.test('the overview says which upstreams fail, how often and by what', async t => {
  const silent = await startUpstream(t, ({ url }, response) => url === '/slow' || response.end('ok'))
  const policy = `version: 1
upstreams:
  billing: { url: "http://127.0.0.1:9" }
  stock: { url: "${silent.url}", timeouts: { headers: 50ms } }
  well: { url: "${silent.url}" }
  unasked: { url: "http://127.0.0.1:9" }
routes:
  - { id: billing, path: /billing, upstream: billing }
  - { id: stock, path: /slow, upstream: stock }
  - { id: quick, path: /quick, upstream: stock }
  - { id: well, path: /well, upstream: well }
  - { id: unasked, path: /unasked, upstream: unasked }
`
  for (const workers of ['1', '2']) {
    const gateway = await startGateway(t, { policy, flags: ['--workers', workers, '--body-limit', '1'] })
    await send(gateway.port, { path: '/well' })
    const before = await pageWith(gateway, [/<b>1<\/b><span>allowed/], '/')
    t.match(before, /<b>0<\/b><span>failed upstream/)
    t.notMatch(before, /role="alert"/)
    const paths = ['/billing', '/billing', '/billing', '/slow', '/quick', '/quick']
    for (const path of paths) await send(gateway.port, { path })
    t.equal((await send(gateway.port, { method: 'POST', path: '/well', body: 'too large' })).status, 413)
    const page = await pageWith(gateway, [/<b>4<\/b><span>failed upstream/, /1 of 3 requests/], '/')
    t.match(page, /role="alert"><strong>2 upstreams fail\./)
    t.match(
      page,
      /<a href="\/upstreams#billing">billing<\/a>: 3 of 3 requests in the last minute failed \(<code>ECONNREFUSED</,
    )
    t.match(
      page,
      /<a href="\/upstreams#stock">stock<\/a>: 1 of 3 requests [^<]* \(<code>ERR_HEADERS_TIMEOUT</,
    )
    t.notMatch(page, /upstreams#(well|unasked)/)
    t.match(
      await pageWith(gateway, []),
      /id="stock"[\s\S]*<dt>Requests<\/dt><dd>3, those that succeed take about [\d.]+ ms</,
    )
  }
})

t.test('an upstream that fails no more is no alarm a minute later', async t => {
  let now = 1_000_000
  t.intercept(Date, 'now', { value: () => now })
  const view = new Activity()
  view.keepUpstreams(new Set(['api']))
  const alarm = () => String(failingUpstreams(view, ['api'])?.text ?? '')
  t.equal(alarm(), '')
  for (let n = 0; n < 95; n++) view.upstream('api', 'complete', 1)
  for (let n = 0; n < 5; n++) view.upstream('api', 'cut', 1)
  t.equal(alarm(), '', 'five percent are none, as for the alert')
  view.upstream('api', 'cut', 1, 'ECONNRESET')
  t.match(alarm(), /6 of 101 requests/)
  now += 60_000
  t.equal(alarm(), '')
  view.upstream('api', 'complete', 1)
  t.equal(alarm(), '')
})

async function pageWith(
  gateway: TestGateway,
  patterns: readonly RegExp[],
  path = '/upstreams',
): Promise<string> {
  const until = Date.now() + 10_000
  for (;;) {
    const page = await (await fetch(`${gateway.admin}${path}`)).text()
    const missing = patterns.filter(pattern => !pattern.test(page))
    if (missing.length === 0) return page
    if (Date.now() > until) throw new Error(`${missing.join(' ')} not in ${page}`)
  }
}

async function exposition(gateway: TestGateway): Promise<string> {
  return (await fetch(`${gateway.admin}/metrics`)).text()
}

import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsoleMessage, Page } from 'playwright-core'
import t from 'tap'
import { fetchIn, launchChromium, openOrigin, skipWithoutChromium } from '../helpers/browser.js'
import { freePort } from '../helpers/free-port.js'
import { startGateway } from '../helpers/gateway.js'
import { startUpstream } from '../helpers/upstream.js'
import { blocked, FETCH_CASES, json, read } from './fetch-cases.js'

t.test('fetches from pages through the gateway', { skip: skipWithoutChromium() }, async t => {
  const browser = await launchChromium(t)
  const pages = { allowed: await openOrigin(t, browser), foreign: await openOrigin(t, browser) }
  const elsewhere = { url: '' }
  const upstream = await startUpstream(t, misconfigured(elsewhere))
  const policy = policyFor(pages.allowed.origin, upstream.url, `http://127.0.0.1:${await freePort()}`)
  const gateway = await startGateway(t, { policy, flags: ['--audit', 'all'] })
  elsewhere.url = `http://localhost:${gateway.port}/data`
  for (const { page } of Object.values(pages)) {
    await page.context().addCookies([{ name: 'session', value: 'alice', url: gateway.url }])
  }

  for (const { it, from, path, init, sees, reason, kind, reached, tells } of FETCH_CASES) {
    t.test(`${it}: the ${from} page`, async t => {
      const { page } = pages[from]
      const [requests, records] = [upstream.seen.length, gateway.records.length]
      const told = tells === undefined ? undefined : consoleMessage(page, tells)
      t.match(await fetchIn(page, gateway.url + path, { credentials: 'omit', ...init }), sees)
      await told
      const last = () => gateway.records.slice(records).at(-1)
      await eventually(() => last()?.reason === reason)
      t.match(last(), kind === undefined ? { reason } : { reason, kind })
      t.same(
        upstream.seen.slice(requests).map(({ method }) => method),
        reached,
      )
    })
  }

  t.test('only exposed response headers can be read', async t => {
    const seen = await fetchIn(pages.allowed.page, `${gateway.url}/data`)
    t.match(seen, { verdict: 'read', headers: { 'x-total': '42' } })
    t.notMatch(seen, { headers: { 'x-internal': String } })
  })

  // Without the header a browser remembers for 5 seconds: the second route tells that from the first.
  for (const [path, preflights] of [
    ['/data/remembered', 1],
    ['/forgotten', 3],
  ] as const) {
    t.test(`a preflight is remembered for maxAge: ${path}`, async t => {
      const recorded = (kind: string) =>
        gateway.records.filter(record => record.kind === kind && record.path === path).length
      for (const _ of [1, 2, 3]) {
        t.match(await fetchIn(pages.allowed.page, gateway.url + path, { ...json, credentials: 'omit' }), read)
      }
      await eventually(() => recorded('actual') === 3)
      t.equal(recorded('actual'), 3)
      t.equal(recorded('preflight'), preflights)
    })
  }

  t.test('a sandboxed frame of the allowed page is no allowed page: its origin is null', async t => {
    const { page } = pages.allowed
    const requests = upstream.seen.length
    await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<p>framed</p>"></iframe>')
    const frame = page.frames().find(frame => frame !== page.mainFrame())
    t.match(await fetchIn(frame!, `${gateway.url}/data`), blocked)
    const last = () => gateway.records.at(-1)?.reason
    await eventually(() => last() === 'origin-null')
    t.equal(last(), 'origin-null')
    t.equal(upstream.seen.length, requests)
  })

  t.test("the gateway's own page posts to itself, though browsers send Origin with it", async t => {
    const page = await pages.allowed.page.context().newPage()
    await page.goto(`${gateway.url}/site`)
    t.match(await fetchIn(page, '/site', { method: 'POST', body: 'a' }), read)
    t.match(upstream.seen.at(-1), { method: 'POST', headers: { origin: gateway.url } })
  })
})

/** Reflects any origin with credentials: if one of its CORS headers got through, a foreign page could read. */
function misconfigured(elsewhere: { url: string }): RequestListener {
  return (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Access-Control-Expose-Headers', 'x-internal')
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Total', '42')
    response.setHeader('X-Internal', 'secret')
    if (request.url === '/data/moved') response.writeHead(302, { Location: '/data' }).end()
    else if (request.url === '/data/away') response.writeHead(302, { Location: elsewhere.url }).end()
    else if (request.url === '/data/missing') response.writeHead(404).end('missing')
    else response.end(`cookie: ${request.headers.cookie ?? 'none'}`)
  }
}

function policyFor(allowed: string, api: string, down: string): string {
  const rule = (maxAge: string) => `{
    allowOrigins: [${allowed}], allowMethods: [GET, PUT], allowHeaders: [content-type, x-token],
    exposeHeaders: [x-total], allowCredentials: true, maxAge: ${maxAge} }`
  return `
version: 1
upstreams:
  api: { url: ${api} }
  down: { url: ${down} }
routes:
  - { id: data, path: /data/**, upstream: api, cors: [${rule('10m')}] }
  - { id: forgotten, path: /forgotten, upstream: api, cors: [${rule('0')}] }
  - { id: down, path: /down, upstream: down, cors: [${rule('10m')}] }
  - { id: strip, path: /strip, upstream: api, onDenied: strip, cors: [${rule('10m')}] }
  - { id: patchable, path: /patchable, upstream: api, cors: [{ allowOrigins: [${allowed}], allowMethods: [PATCH] }] }
  - id: wide
    path: /wide
    upstream: api
    cors: [{ allowOrigins: [${allowed}], allowMethods: [GET], allowHeaders: ["*"] }]
  - { id: public, path: /public, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
  - { id: site, path: /site, upstream: api }
`
}

function consoleMessage(page: Page, text: RegExp): Promise<ConsoleMessage> {
  const predicate = (message: ConsoleMessage) => text.test(message.text())
  return page.waitForEvent('console', { predicate, timeout: 20_000 })
}

/** Waits for what other processes have yet to say; the assertion that follows tells if they did. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000 && !holds(); tries++) await sleep(20)
}

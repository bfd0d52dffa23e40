import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { fetchIn, launchChromium, openOrigin, skipWithoutChromium } from '../helpers/browser.js'
import { startGateway } from '../helpers/gateway.js'
import { startUpstream } from '../helpers/upstream.js'

const policy = (upstream: string, origins: string): string => `version: 1
upstreams:
  shop-api: { url: ${upstream} }
  legacy: { url: ${upstream.replace('http:', 'https:')} }
origins:
  storefront:
    - { origin: https://www.shop.example, owner: shop-team@shop.example, reason: the storefront }
    - { origin: https://partner.example, owner: partners@shop.example, reason: TICKET-12, expires: 2031-01-31 }
    - https://*.preview.shop.example
routes:
  - id: orders
    path: /orders/**
    upstream: shop-api
    cors:
      - allowOrigins: [${origins}]
        allowMethods: [GET, POST, DELETE]
        allowHeaders: [content-type, x-request-id]
        exposeHeaders: [x-request-id]
        allowCredentials: true
        maxAge: 10m
  - id: catalog
    path: /catalog/**
    upstream: shop-api
    mode: report
    cors:
      - allowOrigins: ["*"]
        allowMethods: [GET]
  - { id: old-shop, path: /old/**, upstream: legacy }
  - { id: site, path: /**, upstream: shop-api }
`

/** Where screenshots go, for people to look at; nowhere unless asked for. */
const SHOTS = process.env.CROSSGATE_SCREENSHOTS

t.test('the console, as an on-call person uses it', { skip: skipWithoutChromium() }, async t => {
  const upstream = await startUpstream(t, (_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('{"order": 1}')
  })
  const gateway = await startGateway(t, { policy: policy(upstream.url, 'storefront') })
  // For the upstreams' page: CORS headers passed on and removed, and one that fails.
  for (const path of ['/catalog/1', '/site', '/old/1']) await fetch(gateway.url + path)
  const browser = await launchChromium(t)
  const { origin, page: foreign } = await openOrigin(t, browser)
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  t.teardown(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))

  await page.goto(`${gateway.admin}/denials`)
  await page.getByText('Nothing has been denied').waitFor()
  await page.locator('#live', { hasText: 'live' }).waitFor()
  if (SHOTS !== undefined) {
    await screenshots(page, gateway.admin, join(SHOTS, 'empty'))
    await page.goto(`${gateway.admin}/denials`)
    await page.locator('#live', { hasText: 'live' }).waitFor()
  }

  await t.test('a denied fetch from a foreign page shows up within 2 s, with its reason', async t => {
    const seen = await fetchIn(foreign, `${gateway.url}/orders/1`)
    const started = Date.now()
    t.equal(seen.verdict, 'blocked')
    await page.locator('tr', { hasText: origin }).getByText('origin-not-allowed').waitFor({ timeout: 5_000 })
    const took = Date.now() - started
    t.ok(took < 2_000, `${took} ms`)
  })

  await t.test('the try-it form explains it', async t => {
    await page.locator('tr', { hasText: origin }).getByRole('link', { name: 'Explain' }).click()
    await page.getByRole('status').filter({ hasText: 'Denied: Origin not allowed' }).waitFor()
    t.match(await page.getByLabel('Origin of the page').inputValue(), origin)
    await page.getByLabel('Method').fill('DELETE')
    await page.getByLabel('Origin of the page').fill('https://www.shop.example')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByRole('status').filter({ hasText: 'Allowed' }).waitFor()
    await page.getByText('because of the method DELETE', { exact: true }).waitFor()
    await page.getByLabel('Method').fill('FOO')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByRole('status').filter({ hasText: 'The HTTP parser refuses the request' }).waitFor()
  })

  await t.test('after the policy is fixed the same fetch succeeds and the reload shows', async t => {
    await page.goto(`${gateway.admin}/reloads`)
    await page.locator('#live', { hasText: 'live' }).waitFor()
    const path = join(gateway.dir, 'policy.yaml')
    writeFileSync(`${path}.new`, policy(upstream.url, `storefront, ${origin}`))
    renameSync(`${path}.new`, path)
    await page.getByText('1 origin gained on route orders').waitFor({ timeout: 5_000 })
    t.match(await fetchIn(foreign, `${gateway.url}/orders/1`), { verdict: 'read', status: 200 })
  })

  await t.test('a bad policy raises an alarm on the open page', async () => {
    const path = join(gateway.dir, 'policy.yaml')
    const good = readFileSync(path, 'utf8')
    writeFileSync(path, good.replace('allowMethods: [GET]', 'allowMethod: [GET]'))
    const refused = page.getByRole('alert').getByText('The policy on disk is refused')
    await refused.waitFor({ timeout: 5_000 })
    if (SHOTS !== undefined) {
      await manyDenials(gateway.url)
      await screenshots(page, gateway.admin, join(SHOTS, 'busy'))
    }
    writeFileSync(path, good)
    await page.goto(`${gateway.admin}/`)
    await refused.waitFor({ state: 'detached', timeout: 5_000 })
  })

  await t.test('without JavaScript the pages say the same', async t => {
    const plain = await browser.newContext({ javaScriptEnabled: false })
    const quiet = await plain.newPage()
    await quiet.goto(`${gateway.admin}/denials`)
    await quiet.locator('tr', { hasText: origin }).getByRole('link', { name: 'Explain' }).click()
    t.match(await quiet.getByRole('status').last().textContent(), /Allowed/)
    await plain.close()
  })

  await t.test('fits a phone', async t => {
    await page.setViewportSize({ width: 360, height: 740 })
    for (const path of PATHS) {
      await page.goto(gateway.admin + path)
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      t.equal(overflow, 0, path)
    }
  })
  t.same(complaints, [], 'no error in the browser, none of its policy either')
})

/** Near misses, a preflight, a denial that is only reported, a head that is too long to read, long texts, and forty of one kind. */
async function manyDenials(url: string): Promise<void> {
  const long = `https://${'a-very-long-label-of-a-host.'.repeat(12)}example`
  for (const origin of ['http://www.shop.example', 'https://shop.example', 'null', long]) {
    await fetch(`${url}/orders/7`, { headers: { origin } })
    await fetch(`${url}/catalog/${'long-segment-'.repeat(20)}`, { method: 'DELETE', headers: { origin } })
  }
  await fetch(`${url}/orders/7`, {
    method: 'OPTIONS',
    headers: { origin: 'https://partner.example', 'access-control-request-method': 'PATCH' },
  })
  for (let index = 0; index < 40; index++) {
    await fetch(`${url}/orders/${index}`, { headers: { origin: 'https://scanner.example' } })
    await fetch(`${url}/orders/${index}`, { headers: { origin: `https://n${index}.example` } })
    await fetch(`${url}/orders/${index}`, { headers: { origin: 'https://www.shop.example' } })
  }
  await fetch(`${url}/orders/7`, { headers: { 'x-long': 'x'.repeat(40_000) } }).catch(() => {})
}

async function screenshots(page: Page, admin: string, dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      for (const path of PATHS) {
        await page.goto(admin + path)
        const name = path.replace(/\?.*/, '').slice(1) || 'overview'
        await page.screenshot({ path: join(dir, `${name}-${colorScheme}-${width}.png`), fullPage: true })
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${admin}/`)
}

const PATHS = [
  '/',
  '/denials',
  '/routes',
  '/upstreams',
  '/reloads',
  '/try?origin=http://www.shop.example&url=https://api.shop.example/orders/7&method=DELETE&headers=content-type',
]

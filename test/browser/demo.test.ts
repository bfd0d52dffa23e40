import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import t from 'tap'
import { ANY_PORTS } from '../../demo/ports.js'
import { type Demo, startDemo } from '../../demo/start-demo.js'
import { launchChromium, skipWithoutChromium } from '../helpers/browser.js'

const EXPECTED = {
  allowed: {
    'simple gateway': { verdict: 'read', tone: 'good', says: /^Read: the stock of 3 teas/ },
    'simple direct': { verdict: 'read', tone: 'neutral', says: /^Read: the stock of 3 teas/ },
    'preflighted gateway': { verdict: 'read', tone: 'good', says: /^Read: oolong is now 12/ },
    'preflighted direct': { verdict: 'read', tone: 'neutral', says: /^Read: oolong is now 12/ },
    'credentialed gateway': { verdict: 'read', tone: 'good', says: /^Read: 3 orders of Alice/ },
    'credentialed direct': { verdict: 'read', tone: 'neutral', says: /^Read: 3 orders of Alice/ },
  },
  foreign: {
    'simple gateway': { verdict: 'blocked', tone: 'good', says: /^Blocked by the browser/ },
    'simple direct': { verdict: 'read', tone: 'bad', says: /^LEAKED: this foreign page read the stock/ },
    'preflighted gateway': { verdict: 'blocked', tone: 'good', says: /^Blocked by the browser/ },
    'preflighted direct': { verdict: 'read', tone: 'bad', says: /^LEAKED: .* changed the stock/ },
    'credentialed gateway': { verdict: 'blocked', tone: 'good', says: /^Blocked by the browser/ },
    'credentialed direct': { verdict: 'read', tone: 'bad', says: /^LEAKED: .* read Alice’s orders/ },
  },
} as const

t.test('the pages of the demo', { skip: skipWithoutChromium() }, async t => {
  const denials: Record<string, unknown>[] = []
  const demo = await startDemo({ ports: ANY_PORTS, onAuditLine: line => keepDenial(denials, line) })
  t.teardown(demo.close)
  const browser = await launchChromium(t)

  // Each in a context of its own: no cookie and no preflight cache that the other page left.
  for (const role of ['allowed', 'foreign'] as const) {
    t.test(`the ${role} page says what it could read, and whether that is right`, async t => {
      const context = await browser.newContext()
      t.teardown(() => context.close())
      const page = await context.newPage()
      const problems: string[] = []
      page.on('pageerror', error => problems.push(error.message))
      const before = demo.api.requests()
      await open(page, demo, role)

      t.match(await cells(page), EXPECTED[role])
      t.same(problems, [], 'no error in the page’s script')
      t.equal(page.url(), `${demo[`${role}Page`].url}/`)
      const inShort = page.locator('#in-short')
      t.equal(await inShort.getAttribute('data-requests'), role === 'allowed' ? '3' : '0', 'reached the API')
      t.equal(await inShort.getAttribute('data-preflights'), '0', 'no preflight reached the API')

      // Signing in, three fetches straight to the API with one preflight; the rest came through the gateway.
      const after = demo.api.requests()
      t.equal(after.total - before.total, 1 + 3 + 1 + (role === 'allowed' ? 3 : 0))
    })
  }

  t.test('“Fetch again” comes to the same verdicts', async t => {
    const page = await browser.newPage()
    t.teardown(() => page.close())
    await open(page, demo, 'foreign')
    const before = demo.api.requests().byMethod
    await page.getByRole('button', { name: 'Fetch again' }).click()
    await page.waitForSelector('html[data-done="true"]')
    t.match(await cells(page), EXPECTED.foreign)
    t.equal(demo.api.requests().byMethod.PUT, (before.PUT ?? 0) + 1, 'only the direct PUT arrived')
  })

  t.test('each denial of the foreign page is in the audit log', async t => {
    for (let tries = 0; tries < 1_000 && denials.length < 9; tries++) await sleep(20)
    t.equal(denials.length, 3 * 3, 'three fetches, three times')
    for (const denial of denials) {
      t.match(denial, { origin: demo.foreignPage.url, reason: 'origin-not-allowed', enforced: true })
    }
  })

  t.test('a page whose gateway is gone does not take that for protection', async t => {
    const page = await browser.newPage()
    t.teardown(() => page.close())
    await open(page, demo, 'foreign')
    await demo.gateway.stop()
    await page.getByRole('button', { name: 'Fetch again' }).click()
    await page.waitForSelector('html[data-done="true"]')
    t.match(await cells(page), { 'simple gateway': { verdict: 'unreachable', tone: 'unknown' } })
  })
})

async function open(page: Page, demo: Demo, role: 'allowed' | 'foreign'): Promise<void> {
  await page.goto(`${demo[`${role}Page`].url}/`)
  await page.waitForSelector('html[data-done="true"]')
}

interface Cell {
  readonly verdict: string | null
  readonly tone: string | null
  readonly says: string
}

async function cells(page: Page): Promise<Record<string, Cell>> {
  const found: Record<string, Cell> = {}
  for (const cell of await page.locator('td[data-fetch]').all()) {
    const attribute = (name: string) => cell.getAttribute(`data-${name}`)
    found[`${await attribute('fetch')} ${await attribute('via')}`] = {
      verdict: await attribute('verdict'),
      tone: await attribute('tone'),
      says: (await cell.textContent()) ?? '',
    }
  }
  return found
}

function keepDenial(denials: Record<string, unknown>[], line: string): void {
  const record = JSON.parse(line) as Record<string, unknown>
  if (record.event === 'cors.denied') denials.push(record)
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import t from 'tap'
import { SPECIAL_CHARACTERS } from '../../../src/attack/special-characters.js'
import { findChromium, skipWithoutChromium } from '../../helpers/browser.js'

/** Repeats the measurement behind the Chromium column: which of the names a page can have, and what it sends as Origin. */
t.test('what Chromium sends for special characters', { skip: skipWithoutChromium() }, async t => {
  const origins: (string | undefined)[] = []
  const server = createServer((request, response) => {
    if (request.url === '/log') origins.push(request.headers.origin)
    response
      .writeHead(200, { 'Content-Type': 'text/html', 'Access-Control-Allow-Origin': '*' })
      .end('<!doctype html>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const browser = await chromium.launch({
    executablePath: findChromium()!,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * 127.0.0.1'],
    chromiumSandbox: false,
  })
  t.teardown(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })
  const page = await browser.newPage()
  const file = join(t.testdir({ 'page.html': '<!doctype html>' }), 'page.html')
  await page.goto(pathToFileURL(file).href)
  await page.evaluate(url => fetch(url).catch(() => {}), `http://127.0.0.1:${port}/log`)
  t.same(origins, ['null'], 'a page from disk is opaque: file:// is what old WebViews send')
  for (const { text, browsers } of SPECIAL_CHARACTERS) {
    origins.length = 0
    const origin = `http://api.shop.test${text}.attacker.test:${port}`
    try {
      await page.goto(`${origin}/`, { timeout: 10_000 })
      await page.evaluate(url => fetch(url).catch(() => {}), `http://127.0.0.1:${port}/log`)
    } catch {
      // A name that no page can have.
    }
    t.equal(
      origins.includes(origin),
      browsers.includes('Chromium'),
      `${text}: ${browsers.join(', ') || 'nobody'}`,
    )
  }
})

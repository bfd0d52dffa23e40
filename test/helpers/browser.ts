import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Frame, type Page } from 'playwright-core'
import type { Test } from 'tap'

/** Path of a Chromium to drive: $CHROMIUM, else where Debian and others put it; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined
  return PATHS.find(path => existsSync(path))
}

/**
 * For tap's `skip` option: false where the test can run, otherwise the reason why it doesn't. Says so on stderr as
 * well, since a skipped test is easily overlooked, and throws where a browser is required: in CI, a browser test
 * that silently didn't run is a failure.
 */
export function skipWithoutChromium(): string | false {
  if (findChromium() !== undefined) return false
  const problem = `no Chromium at ${process.env.CHROMIUM || PATHS.join(', ')}`
  if (process.env.CI === 'true' || isSet(process.env.CROSSGATE_REQUIRE_BROWSER)) throw new Error(problem)
  process.stderr.write(`\n*** BROWSER TESTS SKIPPED: ${problem}. On Debian: apt-get install chromium ***\n\n`)
  return problem
}

/** A headless Chromium that is closed when the test ends. */
export async function launchChromium(t: Test): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('no Chromium: guard the test with skipWithoutChromium()')
  const browser = await chromium.launch({ executablePath, args: ARGS, chromiumSandbox: false })
  t.teardown(() => browser.close())
  return browser
}

/** An empty page on an origin of its own, with cookies and caches of its own. */
export async function openOrigin(t: Test, browser: Browser): Promise<{ origin: string; page: Page }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>empty</title>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${origin}/`)
  t.teardown(async () => {
    await context.close()
    server.closeAllConnections()
    server.close()
  })
  return { origin, page }
}

/** What a page's script got from `fetch`: what it could read, or only that it failed. */
export type Seen =
  | { readonly verdict: 'read'; readonly status: number; readonly headers: object; readonly body: string }
  | { readonly verdict: 'opaque' }
  | { readonly verdict: 'blocked'; readonly error: string }

/** Fetches in the page (or frame) as its own script would. */
export function fetchIn(page: Page | Frame, url: string, init: RequestInit = {}): Promise<Seen> {
  return page.evaluate(
    async ({ url, init }) => {
      try {
        const response = await fetch(url, init)
        if (response.type === 'opaque') return { verdict: 'opaque' }
        const headers = Object.fromEntries(response.headers)
        return { verdict: 'read', status: response.status, headers, body: await response.text() }
      } catch (error) {
        return { verdict: 'blocked', error: String(error) }
      }
    },
    { url, init },
  )
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0'
}

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
]

// No sandbox: CI runs as root in a container. The rest keeps Chromium off the network, and off QUIC.
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

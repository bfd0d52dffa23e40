import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { fetchIn, launchChromium, openOrigin, skipWithoutChromium } from '../../helpers/browser.js'
import { runCli, startGateway } from '../../helpers/gateway.js'
import { REAL_SERVERS, type RealServer } from './servers.js'

const running = REAL_SERVERS.filter(({ skip }) => skip === false)

t.test('real servers with the configurations that people paste', { skip: skipWithoutChromium() }, async t => {
  const browser = await launchChromium(t)
  const ports = new Map<RealServer, number>()
  for (const server of running) ports.set(server, await server.start(t))
  const gateway = await startGateway(t, { policy: policyFor(ports) })

  for (const [server, port] of ports) {
    t.test(server.name, async t => {
      const direct = `http://127.0.0.1:${port}/me`
      const through = `${gateway.url}/${slug(server)}/me`
      const reads = server.expects.some(each => each.startsWith('origin-reflected'))
      const { page } = await openForeign(t, browser, [direct, through])

      const found = await scan(direct)
      t.same(found.map(({ code, severity }) => `${code} ${severity}`).sort(), [...server.expects].sort())
      for (const { code } of found) {
        t.ok(VERIFIED[code], `${code} is verified`)
        await VERIFIED[code]?.(t, page, direct)
      }
      t.match(
        await fetchIn(page, direct, { credentials: 'include' }),
        reads ? { verdict: 'read', body: 'user: alice' } : { verdict: 'blocked' },
        `a foreign page ${reads ? 'reads the answer of the signed-in visitor' : 'reads nothing'}`,
      )

      t.same(await scan(through), [], 'the gateway in front of it scans clean')
      t.same(await scan(through, '--origin', ALLOWED), [], 'with the origin that it allows, too')
      for (const init of [
        {},
        { credentials: 'include' as const },
        { method: 'PUT' },
        { headers: { 'x-any': '1' } },
      ]) {
        const seen = await fetchIn(page, through, init)
        t.equal(seen.verdict, 'blocked', `no byte through the gateway: ${JSON.stringify(init)}`)
      }

      const compared = await runCli(['scan', direct, '--compare', through, ...FLAGS])
      const { comparison } = JSON.parse(compared.stdout)
      t.equal(compared.code, 0, compared.stderr)
      t.same(
        [...comparison.fixed].sort(),
        [...new Set(server.expects.map(each => each.split(' ')[0]))].sort(),
      )
      t.same([...comparison.remaining, ...comparison.added], [])
    })
  }
})

/**
 * What `preflight-max-age` is about, on a server that changes its mind. How long Chromium keeps a permission at most
 * (two hours, whatever is said) is not measured: that would take them.
 */
t.test('how long Chromium keeps a permission', { skip: skipWithoutChromium() }, async t => {
  const browser = await launchChromium(t)
  for (const [maxAge, kept] of [
    ['2592000', true],
    ['0', false],
  ] as const) {
    let allows = true
    const puts: string[] = []
    const server = createServer(({ method, headers }, response) => {
      if (method === 'PUT') puts.push(headers.origin ?? '')
      response.setHeader('Access-Control-Max-Age', maxAge)
      if (allows && headers.origin !== undefined) {
        response.setHeader('Access-Control-Allow-Origin', headers.origin)
        response.setHeader('Access-Control-Allow-Methods', 'PUT')
      }
      response.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`
    const { page } = await openOrigin(t, browser)
    const preflights = await countPreflights(page)
    await fetchIn(page, url, { method: 'PUT' })
    t.equal(puts.length, 1, `${maxAge}: allowed`)
    allows = false
    t.equal((await fetchIn(page, url, { method: 'PUT' })).verdict, 'blocked', 'no longer readable')
    t.equal(puts.length, kept ? 2 : 1, kept ? 'and still sent, though it was taken back' : 'nor sent')
    t.equal(preflights(), kept ? 1 : 2)
  }
})

/** Counts the preflights of a page from now on: pages' scripts do not see them, the browser's own tools do. */
async function countPreflights(page: Page): Promise<() => number> {
  let count = 0
  const session = await page.context().newCDPSession(page)
  session.on('Network.requestWillBeSent', ({ initiator }) => {
    if (initiator.type === 'preflight') count++
  })
  await session.send('Network.enable')
  return () => count
}

/** What Chromium shows for a finding, beside that the page can read. */
const VERIFIED: Readonly<Record<string, (t: Test, page: Page, url: string) => Promise<void>>> = {
  'origin-reflected': async (t, page, url) => {
    await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<p>framed</p>"></iframe>')
    const frame = page.frames().find(each => each !== page.mainFrame())
    const seen = await fetchIn(frame!, `${url}?framed`)
    t.equal(seen.verdict, 'read', 'and a sandboxed frame, whose origin is null, reads too')
  },
  'preflight-any-header': async (t, page, url) => {
    const seen = await fetchIn(page, url, { credentials: 'include', headers: { 'x-nobody-knows-this': '1' } })
    t.match(seen, { verdict: 'read', body: 'user: alice' }, 'with a header that does not exist')
  },
  'preflight-max-age': async (t, page, url) => {
    const preflights = await countPreflights(page)
    const put = { method: 'PUT', credentials: 'include' } as const
    t.equal((await fetchIn(page, url, put)).verdict, 'read', 'the permission is given')
    t.equal((await fetchIn(page, url, put)).verdict, 'read')
    t.equal(preflights(), 1, 'and kept: the second request is sent without asking')
  },
  'preflight-discloses': async (t, page, url) => {
    const seen = await fetchIn(page, url, { method: 'PUT' })
    t.equal(seen.verdict, 'blocked', 'a page is refused')
    t.notMatch(JSON.stringify(seen), /GET|HEAD|PATCH|DELETE/, 'and learns nothing of the lists')
    const { headers } = await fetch(url, {
      method: 'OPTIONS',
      headers: { Origin: 'https://anybody.test', 'Access-Control-Request-Method': 'PUT' },
    })
    t.match(
      headers.get('access-control-allow-methods'),
      /DELETE/,
      'whoever asks without a browser reads them',
    )
  },
  // Ports do not count for Chromium's cache partition, so that two origins of one host share an entry.
  'vary-missing': async (t, page, url) => {
    const server = createServer((_, response) => response.end('<!doctype html>'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const other = await page.context().newPage()
    await other.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const kept = { credentials: 'include', cache: 'force-cache' } as RequestInit
    t.equal((await fetchIn(page, `${url}?shared`, kept)).verdict, 'read')
    t.equal(
      (await fetchIn(other, `${url}?shared`, kept)).verdict,
      'blocked',
      'a second origin is given the answer that names the first',
    )
  },
}

interface Found {
  readonly code: string
  readonly severity: string
}

async function scan(url: string, ...more: readonly string[]): Promise<readonly Found[]> {
  const { code, stdout, stderr } = await runCli([
    'scan',
    url,
    '-H',
    'Cookie: session=alice',
    ...FLAGS,
    ...more,
  ])
  if (code !== 0 && code !== 1) throw new Error(`scan exited with ${code}: ${stderr}${stdout}`)
  return (JSON.parse(stdout) as { findings: readonly Found[] }).findings
}

/** A page of another origin, in a browser that is signed in to all servers. */
async function openForeign(t: Test, browser: Browser, urls: readonly string[]) {
  const opened = await openOrigin(t, browser)
  for (const url of urls) await opened.page.context().addCookies([{ name: 'session', value: 'alice', url }])
  return opened
}

function policyFor(ports: ReadonlyMap<RealServer, number>): string {
  const each = [...ports].map(([server, port]) => ({ id: slug(server), port }))
  return `
version: 1
upstreams:
${each.map(({ id, port }) => `  ${id}: { url: "http://127.0.0.1:${port}" }`).join('\n')}
routes:
${each
  .map(
    ({ id }) => `  - id: ${id}
    path: /${id}/**
    replacePrefix: /
    upstream: ${id}
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET, PUT], allowCredentials: true }]`,
  )
  .join('\n')}
`
}

function slug({ name }: RealServer): string {
  return name.replaceAll(' ', '-')
}

const ALLOWED = 'https://www.shop.example'
const FLAGS = ['--allow-private', '--rate', '0', '--format', 'json', '--no-progress']

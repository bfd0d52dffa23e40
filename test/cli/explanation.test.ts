import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommands } from '../helpers/commands.js'

const POLICY = `version: 1
upstreams: { api: { url: http://api.internal } }
routes:
  - id: app
    path: /app/**
    upstream: api
    websocket: true
    cors: &rule [{ allowOrigins: [https://www.acme.example], allowMethods: [GET], allowHeaders: [content-type] }]
  - { id: tried, path: /tried/**, upstream: api, websocket: true, mode: report, cors: *rule }
`
const WWW = 'https://www.acme.example'
const HTTP = 'http://www.acme.example'
const EVIL = 'https://evil.example'

t.test('a preflight’s explanation names all that is not allowed, and not only the reason', async t => {
  const url = 'https://a.example/app/x'
  const asked = ['--method', 'PUT', '--header', 'x-b', '--header', 'content-type: application/json']
  const all = 'the method PUT, the header authorization, the header x-b'
  const [preflight, json, request, header, allowed] = await explain(t, [
    [url, WWW, ...asked, '--header', 'authorization', '--preflight'],
    [url, WWW, ...asked, '--preflight', '--format', 'json'],
    [url, WWW, ...asked, '--header', 'authorization'],
    [url, WWW, '--header', 'x-b', '--preflight'],
    [url, WWW, '--header', 'content-type: application/json', '--preflight'],
  ])
  t.match(preflight, `denied: method-not-allowed`)
  t.match(preflight, `not allowed: ${all}\n`)
  t.match(JSON.parse(json ?? ''), { notAllowed: { method: 'PUT', headers: ['x-b'] } })
  t.match(request, `The preflight fails (method-not-allowed: ${all}): the request`)
  t.match(header, 'not allowed: the header x-b\n')
  t.notMatch(allowed, 'not allowed: ')
})

t.test('headers are announced as browsers do', async t => {
  const url = 'https://a.example/app/x'
  const [hints, override, other, backwards, own] = await explain(t, [
    [url, WWW, '--header', 'dpr: 2', '--header', 'save-data: on'],
    [url, WWW, '--header', 'x-http-method-override: TRACE'],
    [url, WWW, '--header', 'x-http-method-override: DELETE'],
    [url, WWW, '--header', 'range: bytes=5-3'],
    [url, WWW, '--header', 'sec-fetch-site: same-origin'],
  ])
  t.match(hints, /Browsers differ: Chromium sends dpr, save-data without asking/)
  t.match(override, 'No preflight')
  t.match(other, 'A preflight goes first, because of the header x-http-method-override.')
  t.match(backwards, 'A preflight goes first, because of the header range.')
  for (const text of [override, other, backwards]) t.notMatch(text, 'Browsers differ')
  t.match(own, 'CORS plays no part')
})

t.test('a near miss is told once', async t => {
  const [text = ''] = await explain(t, [['https://a.example/app/x', HTTP]])
  t.equal(text.split('the same host with another scheme').length, 2, text)
})

t.test('what a page gets of a WebSocket is said, too', async t => {
  const [allowed, denied, tried, json] = await explain(t, [
    ['wss://a.example/app/x', WWW],
    ['wss://a.example/app/x', EVIL],
    ['wss://a.example/tried/x', EVIL],
    ['wss://a.example/app/x', EVIL, '--format', 'json'],
  ])
  t.match(
    allowed,
    /^Browser +No preflight: a WebSocket has none.*\n +If the upstream agrees \(101\), the page/m,
  )
  t.match(denied, /^Browser .*\n +Crossgate answers 403: the page's WebSocket fails/m)
  t.match(tried, /^Browser .*\n +Report mode: the upstream says whether/m)
  t.match(JSON.parse(json ?? ''), { browser: { preflightNeeded: false, page: 'blocked' } })
})

/** What `explain` says of each url, origin and further flags. */
async function explain(
  t: Test,
  asked: readonly (readonly [url: string, origin: string, ...flags: string[]])[],
): Promise<readonly string[]> {
  const dir = t.testdir()
  writeFileSync(join(dir, 'p.yaml'), POLICY)
  const results = await runCommands(
    dir,
    asked.map(([url, origin, ...flags]) => [
      ...['explain', '--policy', 'p.yaml', '--url', url, '--origin', origin],
      ...flags,
    ]),
  )
  return results.map(({ stdout }) => stdout)
}

t.test('an entry that a denied origin nearly spells is named as perhaps meant, and no more', async t => {
  const dir = t.testdir()
  const list = `["https://app.example.com", "https://*.cdn.partner.example", "https://b.example.org", { origin: https://summer.example.net, expires: 2020-01-01 }]`
  writeFileSync(join(dir, 'p.yaml'), POLICY.replace('[https://www.acme.example]', list))
  const rows: readonly (readonly [origin: string, meant: string | undefined, letters?: number])[] = [
    ['https://app.exmple.com', 'https://app.example.com', 1],
    ['https://app.exmaple.com', 'https://app.example.com', 2],
    ['https://x.cdn.partnr.example', 'https://*.cdn.partner.example', 1],
    ['https://app.xmpl.om', undefined],
    ['https://a.example.org', undefined],
    ['https://summr.example.net', undefined],
    ['https://app.exmple.com:8443', undefined],
    ['http://app.example.com', undefined],
    ['https://other.example.com', undefined],
  ]
  const results = await runCommands(
    dir,
    rows.flatMap(([origin]) =>
      ['text', 'json'].map(format => [
        ...['explain', '--policy', 'p.yaml', '--url', 'https://a.example/app/x', '--origin', origin],
        ...['--format', format],
      ]),
    ),
  )
  for (const [index, [origin, meant, letters]] of rows.entries()) {
    const text = results[2 * index]?.stdout ?? ''
    const found = JSON.parse(results[2 * index + 1]?.stdout ?? '').perhapsMeant
    t.match(text, ': denied\n', origin)
    if (meant === undefined) t.equal(found, undefined, origin)
    else t.match(found, { text: meant, letters, file: 'p.yaml', line: 8 }, origin)
    t.equal(text.includes('Perhaps '), meant !== undefined, origin)
    if (meant !== undefined) t.match(text, `Perhaps    ${meant} is meant (p.yaml:8:`)
  }
})

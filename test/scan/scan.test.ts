import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { ScanProgress } from '../../src/cli/scan-progress.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { lookupGuarded } from '../../src/scan/address-guard.js'
import { SCAN_CODES } from '../../src/scan/codes.js'
import { curlOf } from '../../src/scan/curl.js'
import type { Answer, Exchange } from '../../src/scan/exchange.js'
import { fixOf } from '../../src/scan/fix.js'
import { formatScanHtml } from '../../src/scan/formats/html.js'
import { formatScanMarkdown } from '../../src/scan/formats/markdown.js'
import { formatScanText } from '../../src/scan/formats/text.js'
import type { HeaderLine } from '../../src/scan/header-line.js'
import { gradeHeaders } from '../../src/scan/headers/grade.js'
import { ORIGIN_CLASSES } from '../../src/scan/probes/origin-class.js'
import { preflightAllows, readable } from '../../src/scan/readable.js'
import { compareTargets, type ScanReport } from '../../src/scan/scan-report.js'
import { sessionEffect } from '../../src/scan/session.js'
import { hostFacts, isPrivateAddress, readTarget, type ScanTarget } from '../../src/scan/target.js'
import type { TargetResult } from '../../src/scan/target-result.js'

const ORIGIN = 'https://evil.example'

t.test('what a browser would let a page read, byte for byte', async t => {
  const cases: readonly (readonly [string, Record<string, string | readonly string[]>, string])[] = [
    ['nothing', {}, 'no'],
    ['the origin', { 'access-control-allow-origin': ORIGIN }, 'anonymous'],
    [
      'with credentials',
      { 'access-control-allow-origin': ORIGIN, 'access-control-allow-credentials': 'true' },
      'credentialed',
    ],
    [
      '"TRUE" is not "true"',
      { 'access-control-allow-origin': ORIGIN, 'access-control-allow-credentials': 'TRUE' },
      'anonymous',
    ],
    [
      '"*" never has credentials',
      { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' },
      'anonymous',
    ],
    ['another case', { 'access-control-allow-origin': 'https://EVIL.example' }, 'no'],
    ['a last slash', { 'access-control-allow-origin': `${ORIGIN}/` }, 'no'],
    ['two lines', { 'access-control-allow-origin': [ORIGIN, ORIGIN] }, 'no'],
    ['a list', { 'access-control-allow-origin': `${ORIGIN}, *` }, 'no'],
  ]
  for (const [name, headers, expected] of cases)
    t.equal(readable(answer(200, headers), ORIGIN), expected, name)
})

t.test('what a preflight allows', async t => {
  const base = { 'access-control-allow-origin': ORIGIN, 'access-control-allow-credentials': 'true' }
  const allows = (status: number, more: Record<string, string>, method: string, ...names: string[]) =>
    preflightAllows(answer(status, { ...base, ...more }), ORIGIN, method, names)
  t.equal(allows(204, { 'access-control-allow-methods': 'PUT' }, 'PUT'), 'credentialed')
  t.equal(allows(301, { 'access-control-allow-methods': 'PUT' }, 'PUT'), 'no', 'a redirect is no ok status')
  t.equal(allows(204, { 'access-control-allow-methods': 'put' }, 'PUT'), 'no', 'methods have case')
  t.equal(
    allows(204, { 'access-control-allow-methods': '*' }, 'PUT'),
    'anonymous',
    '"*" is a name with credentials',
  )
  t.equal(allows(204, {}, 'POST'), 'credentialed', 'POST is safelisted')
  t.equal(
    allows(204, { 'access-control-allow-headers': 'X-A' }, 'GET', 'x-a'),
    'credentialed',
    'names have no case',
  )
  t.equal(allows(204, { 'access-control-allow-headers': '*' }, 'GET', 'x-a'), 'anonymous')
  t.equal(allows(204, { 'access-control-allow-headers': '*' }, 'GET', 'authorization'), 'no', 'never by "*"')
})

t.test('what the session changes', async t => {
  const runs = (...bodies: readonly (string | number)[]): Exchange[] =>
    bodies.map(
      body =>
        ({
          answer: { ...answer(typeof body === 'number' ? body : 200, {}), bodyHash: `${body}` },
        }) as Exchange,
    )
  const cookie = [['Cookie', 'a=b']] as const
  t.equal(sessionEffect(runs('a', 'a', 'b', 'b'), cookie), 'proven')
  t.equal(sessionEffect(runs(401, 401, 'b', 'c'), cookie), 'proven', 'the status alone')
  t.equal(sessionEffect(runs('a', 'a', 'a', 'a'), cookie), 'none')
  t.equal(sessionEffect(runs('a', 'b', 'c', 'd'), cookie), 'unknown', 'every answer differs')
  t.equal(sessionEffect(runs('a', 'a', 'b', 'c'), cookie), 'unknown')
  t.equal(
    sessionEffect(runs('a', 'a', 'b', 'b'), [['Authorization', 'Bearer x']]),
    'unknown',
    'no browser attaches it',
  )
  t.equal(sessionEffect(runs('a', 'a', 'b', 'b'), [['Authorization', 'Basic x']]), 'proven')
})

t.test('hosts and addresses', async t => {
  t.same(hostFacts('a.b.example.co.uk'), {
    host: 'a.b.example.co.uk',
    site: 'example.co.uk',
    suffix: 'co.uk',
  })
  t.same(hostFacts('x.tenant.github.io').site, 'tenant.github.io', 'private suffixes count')
  t.same(hostFacts('10.0.0.1').site, undefined)
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '::1',
    '[fe80::1]',
    'fd00::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
  ])
    t.ok(isPrivateAddress(address), address)
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1', '::ffff:8.8.8.8', 'example.com'])
    t.notOk(isPrivateAddress(address), address)
  for (const [url, internal] of [
    ['http://localhost:1/', true],
    ['http://wiki.corp/', true],
    ['http://[::1]/', true],
    ['https://api.example.com/', false],
  ] as const)
    t.equal((readTarget(url) as ScanTarget).internal, internal, url)
})

t.test('a public name that resolves to a private address is refused when connecting', async t => {
  const lookup = lookupGuarded({ resolve: new Map(), allowPrivate: false })
  const error = await new Promise<Error | null>(done => lookup('localhost', { all: true }, done))
  t.match(error?.message, /localhost is .*a private address: add --allow-private/)
  const given = lookupGuarded({ resolve: new Map([['api.example', '127.0.0.9']]), allowPrivate: false })
  t.same(await new Promise(done => given('api.example', { all: true }, (_, found) => done(found))), [
    { address: '127.0.0.9', family: 4 },
  ])
})

t.test('every fix is a policy that loads', async t => {
  for (const url of [
    'https://api.shop.example/',
    'http://127.0.0.1:8080/a/b?c=d',
    'https://tenant.github.io/x.y/%7Ez',
    'http://[::1]:99/a*b',
    'https://api.example/x%2fy',
  ]) {
    for (const kind of ['exact-origins', 'public'] as const) {
      for (const [known, webSocket] of [
        [[], false],
        [['https://a.example', 'https://b.example'], true],
      ] as const) {
        const seen = { known, at: 'url', webSocket, credentials: webSocket } as const
        const fix = fixOf(kind, readTarget(url) as ScanTarget, seen)
        const text = `version: 1\nupstreams: { api: { url: "http://127.0.0.1:1" } }\nroutes:\n${fix.replace(/^/gm, '  ')}\n`
        const { policy, problems } = resolvePolicy([{ file: 'fix.yaml', text }])
        t.equal(policy?.routes[0]?.websocket, webSocket, text)
        t.same(
          problems.filter(({ severity }) => severity === 'error'),
          [],
          `${kind} for ${url}\n${text}`,
        )
      }
    }
  }
})

t.test('every code has a row in the docs, and every class a code', async t => {
  const docs = readFileSync(resolve(import.meta.dirname, '../../docs/scan.md'), 'utf8')
  const rows = [...docs.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)
  t.same(rows.sort(), Object.keys(SCAN_CODES).sort())
  for (const { code } of Object.values(ORIGIN_CLASSES)) t.ok(code in SCAN_CODES, code)
})

t.test('security headers', async t => {
  const best = {
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'set-cookie': 'a=b; Secure; HttpOnly; SameSite=Lax',
  }
  t.match(gradeHeaders(answer(200, best), 'https'), { grade: 'A', score: 100 })
  t.match(gradeHeaders(answer(200, {}), 'https'), { grade: 'F', score: 3 })
  const without = (name: string, value?: string) =>
    gradeHeaders(answer(200, { ...best, [name]: value ?? [] }), 'https').checks.filter(
      ({ points, of }) => points < of,
    )
  t.match(without('strict-transport-security'), [
    { header: 'Strict-Transport-Security', points: 0, reason: /^absent/ },
  ])
  t.match(without('strict-transport-security', 'max-age=60'), [{ points: 10, reason: /half a year/ }])
  t.match(without('content-security-policy', "script-src 'unsafe-inline'; frame-ancestors 'self'"), [
    { points: 10, reason: /unsafe-inline/ },
  ])
  t.match(without('content-security-policy', "default-src 'self'"), [
    { header: 'frame-ancestors', points: 0 },
  ])
  t.match(without('set-cookie', 'sid=1; Secure'), [{ points: 0, reason: 'sid lacks HttpOnly, SameSite' }])
  t.match(without('referrer-policy', 'no-referrer, unsafe-url'), [{ points: 0, reason: /unsafe-url/ }])
  t.match(
    gradeHeaders(answer(200, {}), 'https').checks.find(({ header }) => header === 'Set-Cookie'),
    undefined,
    'none set',
  )
})

t.test('what a server says is never a command to the terminal, a tag or Markdown', async t => {
  const evil = '\u001b[31m<script>alert(1)</script>`|[x](y)'
  const breaksOut = `"'><img src=x onerror=alert(1)>${evil}`
  const target: TargetResult = {
    url: `https://a.example/${breaksOut}`,
    status: 'incomplete',
    error: breaksOut,
    requests: 1,
    milliseconds: 1234,
    headers: { grade: 'F', score: 0, checks: [{ header: 'x', points: 0, of: 1, reason: breaksOut }] },
    findings: [
      {
        code: 'origin-reflected',
        severity: 'high',
        url: `https://a.example/${breaksOut}`,
        route: breaksOut,
        message: evil,
        notes: [evil],
        proof: { request: ['GET / HTTP/1.1'], response: [`vary: ${evil}`, breaksOut, '```', 'x'] },
        curl: breaksOut,
        why: 'why',
        fix: breaksOut,
        references: ['CWE-942: https://cwe.mitre.org/data/definitions/942.html'],
        fingerprint: '0',
      },
    ],
  }
  const report: ScanReport = {
    version: '1',
    finished: '2026-11-22T10:00:00.000Z',
    asked: 1,
    interrupted: false,
    failOn: 'medium',
    targets: [target],
    comparison: compareTargets({ ...target, url: breaksOut }, target),
  }
  t.notMatch(formatScanText(report, { colour: false }), '\u001b')
  t.match(formatScanText(report, { colour: true }), '\u001b[1;31mhigh')
  const html = formatScanHtml(report)
  const tags = new Set(Array.from(html.matchAll(/<([^\s>/]*)([^>]*)>/g), ([, name]) => name))
  for (const tag of ['script', 'img']) t.notOk(tags.has(tag), `no ${tag}`)
  t.ok(tags.has('section') && tags.has('details'), 'its own are there')
  t.equal(html.split('&quot;&#39;&gt;&lt;img').length - 1, 11, 'each is there, as text')
  t.notMatch(html, '\u001b')
  t.match(html, "default-src 'none'")
  const markdown = formatScanMarkdown(report)
  t.match(markdown, '\n````http\n', 'the fence is longer than what is inside')
  t.notMatch(
    markdown.replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, ''),
    /(?<!\\)[<[]s?x?(?:script|\])/,
    'no tag or link outside of code',
  )
  t.notMatch(markdown, '\u001b')
})

t.test('a command line that sends it again', async t => {
  const cookie: HeaderLine = ['Cookie', 's3cret'.repeat(99)]
  const session = { headers: [cookie], curlOptions: ["-H '@session.txt'"] }
  const curl = (method: string, ...headers: readonly HeaderLine[]) =>
    curlOf(
      { origin: 'https://api.example' },
      { sent: { method, path: '/a?b={c}', headers: [...headers, ['Cache-Control', 'no-store']] } },
      session,
      text => text.replaceAll('s3cret', '[redacted]'),
    )
  t.equal(
    curl('GET', cookie, ['X-Said', 's3cret'], ['Origin', "https://api.example'.evil.example"]),
    "curl -gsi -H '@session.txt' -H 'X-Said: [redacted]' -H 'Origin: https://api.example'\\''.evil.example' 'https://api.example/a?b={c}'",
    'nothing ends its quotes',
  )
  t.match(curl('OPTIONS', ['Origin', 'null']), 'curl -gsi -X OPTIONS ')
  t.match(curl('HEAD', ['Origin', 'null']), 'curl -gsI ')
  t.equal(curl('GET', ['Origin', 'https://a\0b']), undefined, 'none where curl would not send it so')
  t.equal(curl('GET', ['Origin', '']), undefined)
})

t.test('the progress bar', async t => {
  const written: string[] = []
  const stream = (isTTY: boolean) =>
    ({ isTTY, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream
  const bar = new ScanProgress(4, true, stream(true))
  bar.add({ url: '', status: 'scanned', requests: 1, milliseconds: 1, findings: [] })
  bar.end()
  t.same(written, [
    `\r\u001b[K[${'.'.repeat(30)}] 0 of 4 URLs, 0 findings`,
    `\r\u001b[K[${'#'.repeat(8)}${'.'.repeat(22)}] 1 of 4 URLs, 0 findings`,
    '\r\u001b[K',
  ])
  written.length = 0
  const line = new ScanProgress(1, true, stream(false))
  line.add({
    url: '',
    status: 'refused',
    requests: 0,
    milliseconds: 1,
    findings: [],
    error: 'a private address',
  })
  t.same(written, ['crossgate: 1 of 1 URL, 0 findings, 1 refused\n'], 'what was not scanned is told')
  written.length = 0
  new ScanProgress(4, false, stream(true)).end()
  t.same(written, [], 'none when not wanted')
})

function answer(status: number, headers: Record<string, string | readonly string[]>): Answer {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((each): HeaderLine => [name, each]),
  )
  return { status, statusText: '', headers: lines, bodyHash: '' }
}

import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compilePolicy } from '../../src/policy/compiled/compile.js'
import { evaluate } from '../../src/policy/evaluate.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { MAIN, runCli } from '../helpers/gateway.js'
import { spawnNode } from '../helpers/spawn-node.js'
import { workDir } from '../helpers/work-dir.js'
import { WHOLE } from '../torture/promise.js'

const POLICY = `version: 1
upstreams:
  api: { url: http://127.0.0.1:9 }
origins:
  storefront: [https://www.shop.example]
routes:
  # the API
  - id: orders
    path: /orders/**
    upstream: api
    mode: report
    cors:
      - allowOrigins: [storefront]   # ours
        allowMethods: [GET, POST]
        allowHeaders: [content-type]
        allowCredentials: true
  - id: stock
    path: /stock/**
    upstream: api
    cors:
      - allowOrigins:
          - storefront
          - https://old.example   # keep
        allowMethods: [GET]
  - { id: site, path: /**, upstream: api, mode: report }
  - id: prices
    path: /prices
    upstream: api
`

interface Line {
  readonly origin?: string
  readonly route: string
  readonly path: string
  readonly method?: string
  readonly [field: string]: unknown
}

let seq = 0
function line(facts: Line): string {
  seq++
  const record = {
    level: 'warn',
    time: new Date(Date.UTC(2026, 10, 20) + seq * 60_000).toISOString(),
    seq,
    boot: '0123456789ab',
    event: 'cors.denied',
    schema: 1,
    outcome: 'denied',
    enforced: false,
    kind: 'actual',
    reason: 'origin-not-allowed',
    method: 'GET',
    host: 'api.shop.example',
    status: 200,
    client: '192.0.2.1',
    requestId: `r${seq}`,
    policyRevision: 'a'.repeat(64),
    ...facts,
  }
  return `${JSON.stringify(record)}\n`
}

const asked = { kind: 'preflight', method: 'OPTIONS' }
const orders = { route: 'orders', path: '/orders/1' }
const GOOD: readonly Line[] = [
  { ...orders, origin: 'https://app.partner.example' },
  {
    ...orders,
    ...asked,
    origin: 'https://app.partner.example',
    requestedMethod: 'POST',
    requestedHeaders: 'content-type',
  },
  {
    ...orders,
    ...asked,
    origin: 'https://del.example',
    requestedMethod: 'DELETE',
    requestedHeaders: 'x-a,content-type',
  },
  { route: 'stock', path: '/stock/1', origin: 'https://s.example:8443' },
  { route: 'site', path: '/x', origin: 'https://x.example' },
  { route: 'prices', path: '/prices', origin: 'https://p.example' },
]
const RISKY: readonly (readonly [Line, RegExp])[] = [
  [{ ...orders, origin: 'null', reason: 'origin-null' }, /sandboxed frame/],
  [{ ...orders, origin: 'https://evil.github.io' }, /below github\.io/],
  [{ ...orders, origin: 'https://pr-7.vercel.app' }, /below vercel\.app/],
  [{ ...orders, origin: 'http://plain.example' }, /plain http/],
  [{ ...orders, origin: 'http://localhost:3000' }, /own machine/],
  [{ ...orders, origin: 'https://192.0.2.9' }, /IP address/],
  [{ ...orders, origin: 'https://xn--shp-0ra.example' }, /letter by letter/],
  [{ ...orders, origin: 'chrome-extension://abcdef' }, /no web origin/],
  [{ ...orders, origin: 'https://co.uk' }, /not a registered name/],
  [{ ...orders, origin: 'https://gone.example', reason: 'origin-expired' }, /let it expire/],
  [
    { ...orders, origin: 'https://www.shop.example', method: 'PUT', reason: 'method-not-allowed' },
    /not what was denied/,
  ],
  [{ route: 'removed', path: '/removed', origin: 'https://r.example' }, /no such route any more/],
]

const dir = workDir(t)
const policyFile = join(dir, 'policy.yaml')
const logFile = join(dir, 'audit.jsonl')
const lines = [...GOOD, ...RISKY.map(([facts]) => facts)].flatMap(facts =>
  Array.from({ length: 3 }, () => line(facts)),
)
const rare = { ...orders, origin: 'https://once.example' }
lines.push(line(rare))
for (const { route, path, origin } of [...GOOD, rare]) {
  const said = { event: 'upstream.cors_stripped', upstream: 'api', headers: ['access-control-allow-origin'] }
  lines.push(line({ route, path, ...said, allowOrigin: origin }))
}
lines.push('{"not": "ours"}\n', 'half a li')
writeFileSync(policyFile, POLICY)
writeFileSync(logFile, lines.join(''))

/** The line of a refused origin, behind that of its group. */
function refusalOf(stdout: string, origin: string): string | undefined {
  let group = ''
  for (const text of stdout.split('\n')) {
    if (text.startsWith('# - ')) group = text
    if (text.startsWith(`#     ${origin} on route `)) return group + text
  }
  return undefined
}

t.test('suggest: a patch with evidence, and what it refuses and why', async t => {
  const { code, stdout, stderr } = await runCli(['audit', 'suggest', logFile, '--policy', policyFile])
  t.equal(code, 0, stderr)
  t.match(stdout, /^# 5 origins suggested, 13 refused\./)
  for (const [{ origin }, why] of RISKY) t.match(refusalOf(stdout, String(origin)), why, String(origin))
  t.match(refusalOf(stdout, 'https://once.example'), /a one-off.*\(1 of at least 3\)/)
  t.match(
    stdout,
    /denied 6 times, 2026-11-20T00:01Z to 2026-11-20T00:06Z, GET POST, preflight seen, headers content-type/,
  )
  t.match(stdout, /a rule of its own, without credentials: the rule that fits has them, and no record/)
  t.match(
    stdout,
    /\n\+ {6}- allowOrigins: \[https:\/\/app\.partner\.example\]\n\+ {8}allowMethods: \[GET, POST\]\n/,
  )
  t.match(stdout, /\n\+ {10}- https:\/\/s\.example:8443\n/)
  const removed = stdout.split('\n').filter(text => /^-(?!-)/.test(text))
  t.equal(removed.length, 1, 'only the line that grows')
})

t.test('suggest: with the patch applied, a replay of the log denies only what was refused', async t => {
  const { code } = await runCli(['audit', 'suggest', logFile, '--policy', policyFile, '--write'])
  t.equal(code, 0)
  const text = readFileSync(policyFile, 'utf8')
  const { policy, problems } = resolvePolicy([{ file: policyFile, text }])
  t.same(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  )
  const compiled = compilePolicy(policy!)
  const decide = (facts: Line) =>
    evaluate(
      compiled,
      {
        target: facts.path,
        host: 'api.shop.example',
        scheme: 'https',
        method: facts.method ?? 'GET',
        origin: facts.origin,
        requestMethod: facts.requestedMethod as string | undefined,
        requestHeaders: facts.requestedHeaders as string | undefined,
        requestPrivateNetwork: undefined,
        secFetchSite: undefined,
        websocket: false,
      },
      Date.UTC(2026, 10, 22),
    ).decision.outcome
  for (const facts of GOOD) t.equal(decide(facts), 'allowed', String(facts.origin))
  for (const [facts] of RISKY) t.equal(decide(facts), 'denied', String(facts.origin))
  t.equal(decide(rare), 'denied')
  t.match(text, /# the API\n/, 'comments stay')
  const again = await runCli(
    ['audit', 'suggest', '-', '--policy', policyFile, '--format', 'json'],
    {},
    line(orders),
  )
  const { tool, version, schema, command, ...said } = JSON.parse(again.stdout)
  t.same(said, {
    suggested: [],
    refused: [],
    blocked: { requests: 0, origins: 0, routes: [] },
    wildcards: [],
    notes: [],
    check: [],
    patch: '',
  })
})

t.test('report: totals, near misses, drift, gaps, as text, JSON and HTML', async t => {
  const more = [
    line({
      ...orders,
      origin: 'http://www.shop.example',
      enforced: true,
      hint: 'other-scheme https://www.shop.example',
      count: 40,
      firstSeen: '2026-11-19T00:00:00.000Z',
      lastSeen: '2026-11-20T12:00:00.000Z',
    }),
    line({ ...orders, enforced: true, count: 7, overflow: true }),
    line({
      ...orders,
      event: 'upstream.cors_stripped',
      enforced: true,
      upstream: 'api',
      headers: ['access-control-allow-origin'],
      allowOrigin: '*',
    }),
    line({
      ...orders,
      event: 'policy.loaded',
      trigger: 'watch',
      changes: ['1 origin gained on route orders'],
    }),
    line({
      ...orders,
      event: 'policy.rejected',
      error: 'the policy has 1 error',
      problems: ['p.yaml:3:1: here'],
    }),
    line({
      ...orders,
      event: 'policy.rejected',
      error: 'the policy has 2 errors',
      problems: ['p:1:1: a', 'p:2:1: b'],
    }),
    line({ ...orders, event: 'policy.rejected', error: 'the policy is unreadable', problems: [] }),
    line({ ...orders, event: 'cors.allowed', outcome: 'allowed', sampled: 10, seq: seq + 5 }),
    line({ ...orders, origin: 'https://<script>.example' }),
  ]
  const file = join(dir, 'more.jsonl')
  writeFileSync(file, more.join(''))
  const json = JSON.parse(
    (await runCli(['audit', 'report', logFile, file, '--format', 'json', '--top', '100'])).stdout,
  )
  t.match(json, { denied: 47, reported: 56, allowed: 10, others: 7, unreadable: 2, processes: 1 })
  t.ok(json.missing > 0, 'a gap in seq is a missing record')
  const counted = json.denials.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
  t.equal(counted + json.others, 103, 'nothing is lost')
  t.match(json.denials[0], {
    origin: 'http://www.shop.example',
    count: 40,
    firstSeen: '2026-11-19T00:00:00.000Z',
  })
  const text = (await runCli(['audit', 'report', logFile, file])).stdout
  t.match(text, /other-scheme https:\/\/www\.shop\.example/)
  t.match(text, /Upstreams that still send CORS headers/)
  t.match(text, /1 origin gained on route orders/)
  t.match(
    text,
    /the policy has 1 error: p\.yaml:3:1: here *\n.*the policy has 2 errors, the first: p:1:1: a *\n/,
  )
  t.match(text, /the policy is unreadable *\n/)
  const page = join(dir, 'report.html')
  t.equal((await runCli(['audit', 'report', logFile, file, '--format', 'html', '--output', page])).code, 0)
  const html = readFileSync(page, 'utf8')
  t.match(html, /<svg/)
  t.match(html, /https:\/\/&lt;script&gt;\.example/)
  t.notMatch(html, /<script|<link|src=|href=/, 'self-contained, no script')
  const piped = await runCli(['audit', 'report'], {}, line({ ...orders, origin: 'https://stdin.example' }))
  t.match(piped.stdout, /https:\/\/stdin\.example/)
})

t.test('report: an upstream that allows whoever asks is not shown as one that allows the last', async t => {
  const stripped = (allowOrigin: string, facts: object) =>
    line({
      ...orders,
      event: 'upstream.cors_stripped',
      upstream: 'api',
      headers: ['access-control-allow-origin'],
      allowOrigin,
      ...facts,
    })
  const reflected = ['a', 'b', 'c', 'd', 'e'].map(name => `https://${name}.example`)
  const log = [
    ...[...reflected, 'null'].map(origin => stripped(origin, { count: 4 })),
    stripped('https://a.example', { time: '2026-11-19T00:00:00.000Z' }),
    stripped('https://a.example', { enforced: true }),
    stripped('https://b.example', { enforced: true, count: 9 }),
    stripped('https://c.example', { upstream: 'fixed' }),
    stripped('https://c.example', { upstream: 'fixed' }),
  ].join('')
  const report = async (format: string) =>
    (await runCli(['audit', 'report', '-', '--format', format], {}, log)).stdout
  const text = await report('text')
  t.match(text, /^ *25 +api +\S+ +6 origins, null last \(reflects\?\) +passed on \(report\)/m)
  t.match(text, /^ *10 +api +\S+ +at least 2 origins, https:\/\/b\.example last \(reflects\?\) +removed/m)
  t.match(text, /^ *2 +fixed +\S+ +https:\/\/c\.example +passed on/m)
  t.match(JSON.parse(await report('json')).drift, [
    { upstream: 'api', enforced: false, allowOrigin: 'null', allowOrigins: 6, count: 25 },
    { upstream: 'api', enforced: true, allowOrigin: 'https://b.example', allowOrigins: 2 },
    { upstream: 'fixed', allowOrigin: 'https://c.example', allowOrigins: 1 },
  ])
  t.match(await report('html'), /<td>6 origins, <code>null<\/code> last \(reflects\?\) \(report: passed on\)/)
})

t.test('report: each column says what it is, and a denial without a route that it has none', async t => {
  const log = [
    line({ ...orders, host: '127.0.0.1:39865', reason: 'route-not-found' }).replace('"route":"orders",', ''),
    line({ ...orders, event: 'upstream.cors_stripped', upstream: 'api', headers: [], enforced: true }),
    line({ ...orders, event: 'policy.loaded', trigger: 'watch', changes: ['one'] }),
  ].join('')
  const report = async (format: string) =>
    (await runCli(['audit', 'report', '-', '--format', format], {}, log)).stdout
  const text = await report('text')
  t.match(text, /\(none; host 127\.0\.0\.1:39865\)/)
  t.match(text, / tried to allow +they were +last seen\n/)
  t.match(text, /^time +event +revision +what\n/m)
  t.match(await report('html'), /<td>\(none; host 127\.0\.0\.1:39865\)<\/td>/)
})

t.test('report: memory does not grow with the log', async t => {
  const measure = async (kinds: number, lines: number): Promise<number> => {
    const { AuditSummary } = await import('../../src/observe/reading/audit-summary.js')
    const summary = new AuditSummary()
    for (let index = 0; index < lines; index++) {
      summary.add(JSON.parse(line({ ...orders, origin: `https://o${index % kinds}.example` })))
    }
    const totals = summary.totals()
    t.equal(totals.reported, lines)
    t.equal(totals.denials.reduce((sum, { count }) => sum + count, 0) + totals.others, lines)
    return totals.denials.length
  }
  t.ok((await measure(100_000, 120_000)) <= 20_000, 'rows are bounded')
})

t.test('report: a long log in constant memory, from a pipe', { timeout: 600_000 }, async t => {
  const megabytes = WHOLE ? 1_000 : 48
  const child = spawnNode([MAIN, 'audit', 'report', '-', '--format', 'json'])
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  let peak = 0
  const watch = setInterval(() => {
    const status =
      existsSync(`/proc/${child.pid}/status`) && readFileSync(`/proc/${child.pid}/status`, 'utf8')
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status || '')?.[1] ?? 0) / 1024)
  }, 20)
  let [bytes, sent] = [0, 0]
  while (bytes < megabytes * 1e6) {
    let chunk = ''
    for (let index = 0; index < 500; index++)
      chunk += line({ ...orders, origin: `https://o${sent++ % 100_000}.example` })
    bytes += chunk.length
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  await once(child, 'close')
  clearInterval(watch)
  t.equal(JSON.parse(said).reported, sent)
  t.ok(peak > 20 && peak < 320, `${peak.toFixed(0)} MiB at most for ${megabytes} MB of log`)
})

t.test('a log of no bytes was just rotated, or is the wrong file', async t => {
  const rotated = join(dir, 'rotated.log')
  writeFileSync(rotated, '')
  const policy = join(dir, 'rotated-log.yaml')
  writeFileSync(policy, POLICY)
  for (const [args, names] of [
    [['report', rotated, '--format', 'json'], rotated],
    [['report', '--format', 'json'], 'standard input'],
    [['suggest', rotated, '--policy', policy, '--format', 'json'], rotated],
  ] as const) {
    const { code, stdout, stderr } = await runCli(['audit', ...args])
    t.equal(code, 0, args.join(' '))
    t.equal(stderr.split('\n').length, 2, 'one note')
    t.match(stderr, `crossgate: nothing in ${names}: either rotated a moment ago, or not what serve`)
    t.match(
      JSON.parse(stdout),
      args[0] === 'report' ? { lines: 0, reported: 0 } : { suggested: [], patch: '' },
    )
  }
  t.equal((await runCli(['audit', 'report', rotated, logFile])).stderr, '', 'one that holds some is enough')
})

t.test('a log without a record is the wrong file, and no proof that nobody was denied', async t => {
  const empty = join(dir, 'empty.log')
  writeFileSync(empty, '\n')
  const policy = join(dir, 'empty-log.yaml')
  writeFileSync(policy, POLICY)
  for (const [args, says] of [
    [['report', empty], `no record in ${empty}. Is this what serve writes with --audit-file?`],
    [['report', empty, empty], `no record in ${empty}, ${empty}.`],
    [['suggest', empty, '--policy', policy], `no record in ${empty}.`],
  ] as const) {
    const { code, stdout, stderr } = await runCli(['audit', ...args])
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, says)
  }
  t.equal((await runCli(['audit', 'report', empty, logFile])).code, 0, 'one that holds some is enough')
})

t.test('a count that is none counts as one record', async t => {
  const file = join(t.testdir(), 'audit.jsonl')
  const counts = [1e308, 1e308, -3, 1.5, '7', 2]
  const lines = counts.map(count =>
    line({ route: 'orders', path: '/orders/1', origin: 'https://a.example', count }),
  )
  writeFileSync(file, lines.join(''))
  const { stdout } = await runCli(['audit', 'report', '--format', 'json', file])
  t.match(JSON.parse(stdout), { denials: [{ count: 7 }] })
})

t.test('what cannot be read is said', async t => {
  const missing = await runCli(['audit', 'report', join(dir, 'nope')])
  t.equal(missing.code, 2)
  t.match(missing.stderr, /cannot read .*nope: there is no such file or directory/)
  const foreign = await runCli(['audit', 'report'], {}, '{"@timestamp": "x"}\n')
  t.equal(foreign.code, 2)
  t.match(foreign.stderr, /no line is an audit record/)
  t.equal((await runCli(['audit', 'report', '--top', 'x', logFile])).code, 2)
  t.equal((await runCli(['audit', 'nonsense'])).code, 2)
  writeFileSync(join(dir, 'bad.yaml'), 'version: 1\n')
  const bad = await runCli(['audit', 'suggest', logFile, '--policy', join(dir, 'bad.yaml')])
  t.equal(bad.code, 2)
  t.match(bad.stderr, /the policy is invalid/)
})

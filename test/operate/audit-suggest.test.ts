import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { genericOrigins } from '../../src/attack/crafted-origins.js'
import { suggestionsText } from '../../src/cli/formats/suggestions-text.js'
import { AuditSummary } from '../../src/observe/reading/audit-summary.js'
import { compilePolicy } from '../../src/policy/compiled/compile.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { suggestOrigins } from '../../src/policy/suggestions/suggest-origins.js'
import { unifiedDiff } from '../../src/report/unified-diff.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { preflight, send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'

// The migration as docs/audit.md tells it, and what an attacker's requests in the same log must not become.

const SHOP = 'https://www.shop.example'
const PARTNER = 'https://app.partner.example'
const POLICY = (upstream: string, mode: string) => `version: 1
upstreams:
  api: { url: ${upstream} }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    mode: ${mode}
    cors:
      - allowOrigins: [${SHOP}]
        allowMethods: [GET]
        allowCredentials: true
`

interface Row {
  readonly origin?: string
  readonly [field: string]: unknown
}

let seq = 0
function line(facts: Row, at = Date.UTC(2026, 0, 1)): string {
  const shared = { level: 'warn', time: new Date(at).toISOString(), seq: ++seq, boot: '0123456789ab' }
  const denied = { event: 'cors.denied', schema: 1, outcome: 'denied', enforced: false, kind: 'actual' }
  const asked = { reason: 'origin-not-allowed', method: 'GET', host: 'a.example', path: '/orders/1' }
  return `${JSON.stringify({ ...shared, ...denied, ...asked, route: 'orders', ...facts })}\n`
}

/** What the upstream said about CORS on a response, which report mode passed on. */
const said = (facts: Row) =>
  line({ event: 'upstream.cors_stripped', upstream: 'api', headers: ['x'], ...facts })

/** Denied, and the upstream lets its pages read. */
const once = (origin: string) => line({ origin }) + said({ allowOrigin: origin })
const often = (origin: string, facts: Row = {}) =>
  line({ origin, ...facts }).repeat(4) + said({ allowOrigin: origin })

/** As the command does it, in this process: each of its own takes half a second. */
function inProcess(
  log: string,
  { policy = POLICY('http://127.0.0.1:9', 'report'), verbose = false, includeUngranted = false } = {},
) {
  const sources = [{ file: 'policy.yaml', text: policy }]
  const summary = summaryOf(log)
  const { denials } = summary.totals()
  const compiled = compilePolicy(resolvePolicy(sources).policy!)
  const options = { minimum: 3, now: Date.UTC(2026, 5, 1), includeEnforced: false, includeUngranted }
  const result = suggestOrigins(denials, summary.grants(), sources, compiled, options)
  return { result, stdout: suggestionsText(result, [], verbose), text: result.files[0]?.text ?? '' }
}

function summaryOf(log: string): AuditSummary {
  const summary = new AuditSummary()
  for (const text of log.trimEnd().split('\n')) summary.add(JSON.parse(text))
  return summary
}

async function suggest(
  t: Test,
  log: string,
  flags: readonly string[] = [],
  policy = POLICY('http://127.0.0.1:9', 'report'),
) {
  const dir = workDir(t)
  const file = join(dir, 'policy.yaml')
  writeFileSync(file, policy)
  const { code, stdout, stderr } = await runCli(
    ['audit', 'suggest', '-', '--policy', file, ...flags],
    {},
    log,
  )
  t.equal(code, 0, stderr)
  return { stdout, file, text: readFileSync(file, 'utf8') }
}

t.test('what an enforcing route blocked is told in one line and never written', async t => {
  const log = often(PARTNER, { enforced: true }) + often('https://other.example', { enforced: true })
  const { stdout, text } = await suggest(t, log, ['--write'])
  t.match(
    stdout,
    /^# 0 origins suggested, 0 refused\.\n# ! 8 requests of 2 origins on route orders were blocked/,
  )
  t.match(stdout, /--include-enforced/)
  t.notMatch(text, /partner/)
  const named = await suggest(t, log, ['--write', '--include-enforced'])
  t.match(named.text, /allowOrigins: \[https:\/\/app\.partner\.example/)
  t.match(named.stdout, /it was blocked, so nobody relies on it/)
})

t.test('what a route reported counts, also where it was blocked later', async t => {
  const log = often(PARTNER) + often(PARTNER, { enforced: true })
  const { suggested, blocked } = inProcess(log).result
  t.match(suggested, [{ origin: PARTNER, count: 4 }])
  t.match(blocked, { requests: 4, origins: 1 })
})

t.test('an origin that joins a rule which another has added is told so', async t => {
  const { stdout, text } = inProcess(often(PARTNER) + often('https://other.example'))
  t.match(stdout, `+ ${PARTNER} on route orders, in a new rule\n`)
  t.match(stdout, '+ https://other.example on route orders, in the same new rule (1)\n')
  t.match(text, `allowOrigins: [${PARTNER}, https://other.example]`)
  const old = inProcess(often(PARTNER), {
    policy: POLICY('http://127.0.0.1:9', 'report').replace('        allowCredentials: true\n', ''),
  })
  t.match(old.stdout, `+ ${PARTNER} on route orders, in rule 0\n`)
})

t.test('a rule with credentials takes only whom the upstream granted them', async t => {
  const plain = inProcess(often(PARTNER))
  t.match(plain.stdout, /without credentials: the rule that fits has them, and no record shows/)
  t.match(plain.text, `      - allowOrigins: [${PARTNER}]\n        allowMethods: [GET]\n`)
  const other = said({ allowOrigin: 'https://other.example', allowCredentials: true })
  const granted = said({ allowOrigin: PARTNER, allowCredentials: true })
  t.equal(inProcess(often(PARTNER) + other).text, plain.text, 'granted somebody else')
  const joined = inProcess(often(PARTNER) + granted)
  t.match(joined.text, /allowOrigins: \[https:\/\/www\.shop\.example, https:\/\/app\.partner\.example\]/)
  t.match(joined.stdout, /rule 0 allows credentials, as the upstream did/)
  t.match(joined.text, /# https:\/\/app\.partner.*the upstream granted it credentials, and so does this rule/)
})

t.test('report, suggest --write, enforce: nothing that the upstream granted is lost unsaid', async t => {
  const upstream = await startUpstream(t, (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Access-Control-Expose-Headers', 'X-Total-Count, Content-Type')
    response.end('ok')
  })
  const watched = await startGateway(t, {
    policy: POLICY(upstream.url, 'report'),
    flags: ['--audit-window', '0'],
  })
  const ask = (port: number) => send(port, { path: '/orders/1', headers: { origin: PARTNER } })
  for (let index = 0; index < 3; index++) await ask(watched.port)
  await send(watched.port, { path: '/orders/1', headers: { origin: SHOP } })
  await watched.stop()
  const log = watched.allRecords.map(record => `${JSON.stringify(record)}\n`).join('')
  const { stdout, text, file } = await suggest(t, log, ['--write'], POLICY(upstream.url, 'report'))
  t.match(text, /exposeHeaders: \[x-total-count\]/)
  t.match(
    text,
    /# https:\/\/app\.partner.*allowCredentials: true if its pages need cookies; the upstream exposed x-total-count\n/,
  )
  t.match(stdout, /the upstream granted it credentials \(as to 1 other origin\), the rule does not: decide/)
  t.match(stdout, /route orders: the upstream exposes x-total-count, rule 0 does not: its origins lose that/)
  t.notMatch(text, /content-type/, 'safelisted')
  t.notMatch(stdout, /check will say/)
  writeFileSync(file, text.replace('mode: report', 'mode: enforce'))
  t.equal((await runCli(['check', file, '--fail-on', 'warning'])).code, 0)
  const enforcing = await startGateway(t, { policy: text.replace('mode: report', 'mode: enforce') })
  const answer = await ask(enforcing.port)
  t.equal(answer.status, 200)
  t.equal(answer.headers['access-control-expose-headers'], 'x-total-count')
})

t.test('a page that reads nothing today gains nothing', async t => {
  const evil = 'https://evil-attacker.example'
  const upstream = await startUpstream(t, (request, response) => {
    const { origin } = request.headers
    // As the package cors does with a list: credentials are said to everybody.
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    if (origin === PARTNER) response.setHeader('Access-Control-Allow-Origin', origin)
    response.end('ok')
  })
  const watched = await startGateway(t, { policy: POLICY(upstream.url, 'report') })
  const idp = 'https://idp.example'
  for (let index = 0; index < 4; index++) {
    await send(watched.port, { path: '/orders/1', headers: { origin: evil } })
    await send(watched.port, { ...preflight(evil, 'PUT'), path: '/orders/1' })
    await send(watched.port, { path: '/orders/1', method: 'POST', headers: { origin: idp } })
    await send(watched.port, { path: '/orders/1', headers: { origin: PARTNER } })
  }
  const log = watched.allRecords.map(record => `${JSON.stringify(record)}\n`).join('')
  const { stdout, text } = await suggest(t, log, ['--write'])
  t.match(stdout, /^# 1 origin suggested, 2 refused\./)
  t.match(stdout, /- 2 refused: the upstream did not allow it either: its pages read nothing today/)
  t.match(text, PARTNER)
  t.notMatch(text, /evil|idp/)
  t.match(
    stdout,
    /! route orders: the upstream answers https:\/\/idp\.example without letting .*; with onDenied: strip they pass/,
  )
  const all = await suggest(t, log, ['--write', '--include-ungranted'])
  t.match(
    all.stdout,
    /idp\.example on route orders, in a new rule\n.*\n.*\n.*! no record shows that the upstream/,
  )
  t.match(all.text, /# https:\/\/evil-attacker.*; no record shows that the upstream allowed it\n/)
})

t.test(
  'an upstream that allows nobody, everybody or another is told from one that allows this origin',
  async t => {
    const denied = line({ origin: PARTNER }).repeat(4)
    const outcome = (more: string) => {
      const { suggested, refused, notes } = inProcess(denied + more).result
      return { suggested: suggested.length, reasons: refused.map(({ reason }) => reason), notes }
    }
    t.match(outcome(''), { suggested: 0, reasons: ['nobody-granted'] })
    t.match(outcome(said({ headers: ['access-control-allow-methods'] })), { reasons: ['nobody-granted'] })
    t.match(outcome(said({ allowOrigin: SHOP })), { suggested: 0, reasons: ['not-granted'] })
    t.match(outcome(said({ allowOrigin: PARTNER, route: 'other' })), { reasons: ['nobody-granted'] })
    t.match(outcome(said({ allowOrigin: PARTNER })), { suggested: 1, reasons: [], notes: [] })
    t.match(outcome(said({ allowOrigin: PARTNER, enforced: true })), { suggested: 1 }, 'before report mode')
    t.match(outcome(said({ allowOrigin: '*' })), {
      suggested: 1,
      notes: [/^route orders: the upstream lets everybody read .*, strangers too/],
    })
    const once = inProcess(line({ origin: PARTNER })).result.refused
    t.match(once, [{ reason: 'nobody-granted' }], 'not a one-off, which a wildcard could hold')
  },
)

t.test('what passes unread today, and an enforced route would refuse, is told', async t => {
  const idp = 'https://idp.example'
  const posted = (origin: string) => line({ origin, method: 'POST' })
  const notesOf = (log: string, more: Partial<Parameters<typeof inProcess>[1]> = {}) =>
    inProcess(log + said({ allowOrigin: SHOP }), more).result.notes
  const read = line({ origin: 'https://other.example' })
  t.match(notesOf(read + posted(idp) + posted('null')), [
    /^route orders: the upstream answers https:\/\/idp\.example and 2 more without letting .*onDenied: strip/,
  ])
  const put = line({ origin: idp, method: 'PUT' })
  const asked = line({ origin: idp, method: 'OPTIONS', requestedMethod: 'POST', kind: 'preflight' })
  t.strictSame(notesOf(posted(idp) + put), [], 'no form')
  t.strictSame(notesOf(posted(idp) + asked), [], 'no form')
  t.strictSame(notesOf(posted(idp) + said({ allowOrigin: idp })), [], 'read')
  t.strictSame(notesOf(posted(SHOP).replaceAll('POST', 'GET')), [], 'allowed by now')
  t.strictSame(notesOf(posted(idp).repeat(4), { includeUngranted: true }), [], 'suggested')
  const policy = POLICY('http://127.0.0.1:9', 'report').replace('mode:', 'onDenied: strip\n    mode:')
  t.strictSame(notesOf(posted(idp), { policy }), [], 'strips')
})

t.test('a WebSocket that opened needs no CORS header to be read', async t => {
  const upstream = await startUpstream(t)
  const sockets = new WebSocketServer({
    server: upstream.server,
    verifyClient: ({ origin }: { origin: string }) => origin === PARTNER,
  })
  t.teardown(() => sockets.close())
  const policy = POLICY(upstream.url, 'report').replace('mode:', 'websocket: true\n    mode:')
  const watched = await startGateway(t, { policy })
  const open = async (origin: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${watched.port}/orders/live`, { origin })
    const answered = await new Promise(resolve => {
      socket.on('open', () => resolve(true)).on('error', () => resolve(false))
    })
    socket.terminate()
    return answered
  }
  for (let index = 0; index < 3; index++) {
    t.equal(await open(PARTNER), true)
    t.equal(await open('https://other.example'), false)
  }
  const log = watched.allRecords.map(record => `${JSON.stringify(record)}\n`).join('')
  const { suggested, refused } = inProcess(log, { policy }).result
  t.match(suggested, [{ origin: PARTNER }])
  t.match(refused, [{ origin: 'https://other.example', reason: 'nobody-granted' }])
})

t.test('previews have their wildcard told, not written', async t => {
  const log = [1, 2, 3, 4, 5].map(n => once(`https://pr-${n}.preview.partner.example`)).join('')
  const { stdout, text } = inProcess(log)
  t.match(
    stdout,
    /route orders: 5 origins are https:\/\/\*\.preview\.partner\.example \(https:\/\/pr-1\..* and 2 more\)/,
  )
  t.notMatch(text, /preview/)
  const strangers = [1, 2, 3].map(n => once(`https://pr-${n}.vercel.app`)).join('')
  t.notMatch(inProcess(strangers).stdout, /\*\.vercel/)
})

t.test('refusals are grouped: a few of each, all where asked for', async t => {
  const log = Array.from({ length: 40 }, (_, n) => line({ origin: `http://h${n}.plain.example` })).join('')
  const { stdout, result } = inProcess(log)
  t.match(stdout, /# - 40 refused: plain http/)
  t.match(stdout, /and 37 more \(--verbose\)/)
  t.ok(stdout.split('\n').length < 12, stdout)
  t.equal(result.refused.length, 40)
  const all = await suggest(t, log, ['--verbose'])
  t.equal(all.stdout, inProcess(log, { verbose: true }).stdout)
  t.equal(all.stdout.match(/ on route orders: /g)?.length, 40)
})

t.test('git applies the patch, whatever the file is called and however its lines end', async t => {
  const dir = t.testdir()
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const flow = POLICY('http://127.0.0.1:9', 'report').replace('        allowCredentials: true\n', '')
  const last = '    cors: [{ allowMethods: [GET], allowOrigins: [https://www.shop.example] }]\n'
  const block = flow.replace(`[${SHOP}]`, `\n          - ${SHOP}`)
  const inLastLine = flow.replace(/ {4}cors:[\s\S]*/, last)
  for (const text of [flow, block, inLastLine]) {
    for (const lines of [text, text.trimEnd()]) {
      for (const before of [lines, lines.replaceAll('\n', '\r\n')]) {
        for (const file of ['policy.yaml', 'my policy.yaml', 'richtlinie-ä.yaml', '"quoted".yaml']) {
          writeFileSync(join(dir, file), before)
          const said = inProcess(often(PARTNER) + often('https://other.example'), { policy: before })
          writeFileSync(join(dir, 'allow.patch'), said.stdout + unifiedDiff(file, before, said.text))
          execFileSync('git', ['apply', 'allow.patch'], { cwd: dir, env })
          const after = readFileSync(join(dir, file), 'utf8')
          t.equal(after, said.text, JSON.stringify([file, before]))
          t.match(after, /partner[\s\S]*https:\/\/other/)
          t.equal(after.includes('\r\n'), before.includes('\r\n'))
          t.equal(/\r\n/.test(after) && /(^|[^\r])\n/.test(after), false, 'no line ends in another way')
        }
      }
    }
  }
})

t.test('no host where anyone can publish a page is suggested, by name or below it', async t => {
  const shared = genericOrigins('https', 'attacker.example').filter(each => each.class === 'shared-hosting')
  const hosts = [
    'glitch.me',
    'stackblitz.io',
    'mine.glitch.me',
    'a.b.stackblitz.io',
    's3.amazonaws.com',
    'github.io',
  ]
  const origins = [...shared.map(({ origin }) => origin), ...hosts.map(host => `https://${host}`)]
  t.ok(shared.length > 15, `${shared.length} from the scanner's list`)
  const { result, text } = inProcess(origins.map(origin => often(origin)).join(''))
  t.strictSame(result.suggested, [])
  t.equal(text, POLICY('http://127.0.0.1:9', 'report'))
  const reasonOf = (host: string) => result.refused.find(row => row.origin === `https://${host}`)
  t.match(reasonOf('codepen.io'), { reason: 'playground', refused: /whatever page anyone publishes/ })
  t.match(reasonOf('mine.glitch.me'), { reason: 'shared-suffix', detail: 'below glitch.me' })
  for (const host of ['glitch.me', 's3.amazonaws.com', 'github.io']) {
    t.match(reasonOf(host), { reason: 'shared-suffix', detail: 'the suffix itself' }, host)
  }
})

t.test('what the policy allows by now is not added again', async t => {
  const { stdout, text } = inProcess(often(SHOP))
  t.match(stdout, /1 refused: the policy allows it by now/)
  t.equal(text, POLICY('http://127.0.0.1:9', 'report'))
})

t.test('counts of a window that is still open are said to be too low', async t => {
  const now = Date.now()
  const iso = (before: number) => new Date(now - before).toISOString()
  const young = line({ origin: PARTNER, boot: 'b1' }, now - 5_000)
  const summary = line({ origin: PARTNER, boot: 'b1', count: 7, lastSeen: iso(2_000) }, now)
  const closed = (boot: string) => line({ event: 'audit.closed', boot }, now)
  const finalAt = (log: string, at = now) => summaryOf(log).countsFinalAt(at)
  t.equal(finalAt(young), iso(5_000 - 60_000))
  t.equal(finalAt(young, now + 56_000), undefined, 'long over')
  t.equal(finalAt(young + summary), undefined, 'its summary is there')
  t.equal(finalAt(young + closed('b1')), undefined, 'all was written at the end')
  t.equal(finalAt(young + closed('b2')), iso(5_000 - 60_000), 'another process ended')

  const note = /Counts may still be too low: .* window \(--audit-window\) ends, here by \d{4}-/
  const report = async (format: string) =>
    (await runCli(['audit', 'report', '--format', format], {}, young)).stdout
  const [text, html, json, suggestions, suggestedJson] = await Promise.all([
    report('text'),
    report('html'),
    report('json'),
    suggest(t, young),
    suggest(t, young, ['--format', 'json']),
  ])
  for (const said of [text, html, suggestions.stdout]) t.match(said, note)
  for (const said of [json, suggestedJson.stdout])
    t.equal(JSON.parse(said).countsFinalAt, iso(5_000 - 60_000))
})

t.test('the window is the one that the log says', async t => {
  const now = Date.now()
  const iso = (time: number) => new Date(time).toISOString()
  const loaded = (boot: string, auditWindow: unknown) =>
    `${JSON.stringify({ event: 'policy.loaded', schema: 1, time: iso(now), boot, auditWindow })}\n`
  const denial = line({ origin: PARTNER, boot: 'b1' }, now - 90_000)
  const finalAt = (log: string) => summaryOf(log).countsFinalAt(now)
  t.equal(finalAt(denial), undefined, 'of an older log 60 s')
  t.equal(finalAt(loaded('b1', 300_000) + denial), iso(now + 210_000))
  t.equal(finalAt(denial + loaded('b1', 300_000)), iso(now + 210_000), 'in whatever order')
  t.equal(finalAt(loaded('b1', 0) + denial), undefined, 'nothing is held back')
  t.equal(
    finalAt(loaded('primary', 300_000) + denial),
    iso(now + 210_000),
    'a worker has that of its primary',
  )
  t.equal(finalAt(loaded('b1', 60_000) + loaded('b2', 300_000) + denial), undefined, 'each process its own')
  for (const odd of ['5m', -1, 1e300, null]) t.equal(finalAt(loaded('b1', odd) + denial), undefined, `${odd}`)

  const gateway = await startGateway(t, {
    policy: POLICY('http://127.0.0.1:9', 'enforce'),
    flags: ['--audit-window', '5m'],
  })
  t.equal((await send(gateway.port, { path: '/orders/1', headers: { origin: PARTNER } })).status, 403)
  const { time } = await gateway.record(({ event }) => event === 'cors.denied')
  const log = gateway.allRecords.map(record => `${JSON.stringify(record)}\n`).join('')
  const { stdout } = await runCli(['audit', 'report', '--format', 'json'], {}, log)
  t.equal(JSON.parse(stdout).countsFinalAt, iso(Date.parse(String(time)) + 300_000))
})

t.test('what a log says stays within its line, and out of the terminal', async t => {
  const hunk = `x\n--- a/policy.yaml\n+++ b/policy.yaml\n@@ -9 +9 @@\n-a\n+b\n\u001b[2J\u009b31m\u202e`
  const hostile = ['origin', 'route', 'method', 'requestedMethod', 'host', 'time', 'firstSeen', 'lastSeen']
  for (const field of hostile) {
    const { stdout } = inProcess(often(SHOP.replace('www', 'new'), { [field]: hunk }), { verbose: true })
    t.match(stdout, /^# /)
    t.notMatch(stdout, /^[-+@]{1,3}.*(policy\.yaml|@@ -9)/m, field)
    t.notMatch(stdout, /[^\n\x20-\x7e]/, field)
  }
})

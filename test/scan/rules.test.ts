import t from 'tap'
import type { Suspicion } from '../../src/scan/finding.js'
import { judge } from '../../src/scan/judge.js'
import type { Answered, Observation } from '../../src/scan/observation.js'
import type { Probe } from '../../src/scan/probes/probe.js'
import { acceptsAny } from '../../src/scan/rules/accepted-origins.js'
import { readTarget, type ScanTarget } from '../../src/scan/target.js'

const ONE = 'https://kvtqzjwh.com'
const TWO = 'https://pmrxjdtl.com'
const CREDENTIALS = { 'access-control-allow-credentials': 'true' }
const asks = (method: string, ...names: readonly string[]) => ({ asks: { method, names } })

t.test('what is said follows what a page may do', async t => {
  const open = [foreign(ONE, CREDENTIALS), foreign(TWO, CREDENTIALS)]
  const reflected = (session: Observation['session'], exchanges = open) =>
    find('origin-reflected', exchanges, session)
  t.match(reflected('unknown'), { severity: 'high', message: /with the visitor’s cookies$/ })
  t.match(reflected('proven'), { severity: 'critical', message: /as the signed-in visitor: / })
  const plain = [foreign(ONE), foreign(TWO)]
  t.match(reflected('proven', plain), { severity: 'low', message: /as anyone could, without/ })

  const put = seen('preflight', allow(ONE, { ...CREDENTIALS, 'access-control-allow-methods': 'PUT' }), {
    ...asks('PUT'),
  })
  const wider = (...exchanges: readonly Answered[]) => find('preflight-wider', exchanges)?.message
  t.equal(
    wider(put, foreign(ONE, {}, ''), foreign(TWO, {}, '')),
    'A foreign page may send PUT with credentials, though it may not read the answer',
  )
  t.equal(
    wider(put, ...plain),
    'A foreign page may send PUT with credentials, though it may read only without credentials',
  )
  const anonymous = allow(ONE, { 'access-control-allow-headers': 'content-type' })
  t.equal(
    wider(seen('preflight', anonymous, asks('POST', 'content-type'))),
    'A foreign page may send POST with content-type without credentials, though it may not read the answer',
  )

  const says = (probe: Partial<Probe>) =>
    find('elsewhere-accepted', [seen('elsewhere', allow(ONE, CREDENTIALS), probe)])?.message
  t.match(says({ at: 'unknown-path' }), 'An unknown path beside the URL accepts')
  t.match(says({ method: 'PROPFIND' }), 'The answer to a method that is not served accepts')

  const broken = { status: 500 }
  t.match(find('origin-error', [seen('origin', broken)])?.message, 'A crafted Origin makes')
  t.match(find('origin-error', [seen('preflight', broken, asks('PUT'))])?.message, 'A preflight makes')
})

t.test('what explains another is said with it', async t => {
  const both = [foreign(ONE), foreign(TWO), seen('origin', allow('null'), { originClass: 'null' })]
  t.match(find('origin-reflected', both)?.notes, [
    'confirmed with a second random origin',
    /^also accepted: the opaque origin/,
  ])
  t.same(find('origin-reflected', both.slice(0, 2))?.notes, ['confirmed with a second random origin'])
  t.same(codes(both), ['origin-reflected', 'vary-missing'])
  const prefix = (origin: string) => seen('origin', allow(origin), { originClass: 'prefix' })
  t.same(find('origin-prefix', [prefix(ONE)])?.notes, [])
  t.same(find('origin-prefix', [prefix(ONE), prefix(TWO)])?.notes, ['accepted in 2 forms'])
})

t.test('the request that shows most is the proof', async t => {
  const special = (origin: string, browsers: readonly string[], headers = {}) =>
    seen('origin', allow(origin, headers), { originClass: 'special-character', origin, browsers })
  const safari = special(ONE, ['Safari'], CREDENTIALS)
  const proof = (...exchanges: readonly Answered[]) =>
    judge(observation(exchanges)).find(({ code }) => code !== 'vary-missing')
  t.equal(proof(special(TWO, []), safari)?.exchange, safari, 'what a browser sends')
  t.equal(proof(special(TWO, ['Firefox']), safari)?.exchange, safari, 'with credentials')
  t.equal(proof(safari, special(TWO, ['Firefox'], CREDENTIALS))?.exchange, safari, 'else the first')
  t.match(proof(safari)?.notes, ['browsers that send it: Safari'])
  t.match(proof(special(TWO, []))?.notes, ['no browser sends it: not exploitable as it is'])
  const unsendable = [special(TWO, []), seen('origin', allow(ONE), { originClass: 'control-byte' })]
  t.same(
    codes(unsendable).filter(code => code !== 'vary-missing'),
    ['origin-unsendable'],
    'one cause',
  )
  t.match(proof(...unsendable)?.notes, [/^no browser/, /^also: Accepts "/])
})

t.test('plain OPTIONS counts where it is answered well', async t => {
  const options = (status: number) =>
    codes([seen('options', { ...allow(ONE, CREDENTIALS), status }, { method: 'OPTIONS' })])
  t.same(options(200), ['options-differs'])
  t.same(options(299), ['options-differs'])
  t.same(options(300), [])
})

t.test('an origin that was accepted once is not any origin', async t => {
  const once = [foreign(ONE, CREDENTIALS), foreign(TWO, {}, '')]
  t.equal(acceptsAny(observation(once)), false)
  t.equal(acceptsAny(observation([foreign(ONE)])), false, 'nor is one that was asked once')
  t.equal(acceptsAny(observation([foreign(ONE), foreign(TWO)])), true)
  const head = seen('head', allow(ONE, CREDENTIALS), { method: 'HEAD' })
  t.ok(find('head-differs', [...once, head]), 'GET is not open to all by that')
  const put = allow(ONE, { 'access-control-allow-methods': 'PUT' })
  t.ok(find('preflight-wider', [foreign(ONE), foreign(TWO, {}, ''), seen('preflight', put, asks('PUT'))]))
})

t.test('how long caches may keep it', async t => {
  const missing = (headers: Record<string, string>) => {
    const found = find('vary-missing', [foreign(ONE, headers), foreign(TWO, headers)])
    return found && [found.severity, found.notes?.length ?? 0]
  }
  t.same(missing({}), ['low', 1], 'nothing is said')
  t.same(missing({ 'cache-control': 'max-age=60' }), ['medium', 0])
  t.same(missing({ 'cache-control': 'max-age=1' }), ['medium', 0])
  t.same(missing({ 'cache-control': 'max-age=0' }), undefined)
  t.same(missing({ 'cache-control': 'public, s-maxage=0' }), undefined)
  const aged = (age: string) =>
    find('preflight-max-age', [
      seen('preflight', { headers: { 'access-control-max-age': age } }, asks('PUT')),
    ])
  t.notOk(aged('86400'), 'a day is what Firefox keeps')
  t.ok(aged('86401'))
})

t.test('what is no fault', async t => {
  const first = (status: number, headers = {}) => seen('baseline', { status, headers })
  t.same(codes([first(304)]), [], 'a 304 leads nowhere')
  t.same(codes([first(201, { location: '/made' })]), [], 'nor does a 201')
  t.same(codes([first(302, { location: '/x' })]), ['redirect-not-followed'])
  t.same(codes([first(200), first(503), seen('origin', { status: 500 })]), [], 'it fails by itself')
  const network = allow(ONE, { 'access-control-allow-private-network': 'true' })
  const asked = [['Access-Control-Request-Private-Network', 'true']] as const
  t.same(codes([seen('preflight', network, asks('GET'))]), [], 'said to all, asked by none')
  t.same(codes([seen('preflight', network, { ...asks('GET'), headers: asked })]), ['private-network'])
})

t.test('a WebSocket is proven where the session alone opens it, for any origin', async t => {
  const upgrade = (status: number, session: boolean) => seen('websocket', { status }, { session })
  const severity = (session: Observation['session'], ...exchanges: readonly Answered[]) =>
    find('websocket-origin', exchanges, session)?.severity
  t.equal(severity('proven', upgrade(101, true), upgrade(401, false)), 'critical')
  t.equal(severity('unknown', upgrade(101, true), upgrade(401, false)), 'medium', 'no session')
  t.equal(severity('proven', upgrade(101, true), upgrade(101, false)), 'medium', 'it is open to all')
  t.equal(severity('proven', upgrade(101, true)), 'medium', 'nothing to compare with')
  t.equal(severity('proven', upgrade(401, true), upgrade(101, false)), 'medium', 'open without it only')
})

function codes(exchanges: readonly Answered[]): readonly string[] {
  return judge(observation(exchanges)).map(({ code }) => code)
}

function find(
  code: Suspicion['code'],
  exchanges: readonly Answered[],
  session: Observation['session'] = 'unknown',
): Suspicion | undefined {
  return judge({ ...observation(exchanges), session }).find(each => each.code === code)
}

function observation(exchanges: readonly Answered[]): Observation {
  const target = readTarget('https://api.shop.example/me') as ScanTarget
  return { target, exchanges, session: 'unknown', known: [] }
}

interface Said {
  readonly origin?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** An arbitrary origin, and what it was answered; accepted, unless another is named. */
function foreign(
  origin: string,
  headers: Readonly<Record<string, string>> = {},
  accepted = origin,
): Answered {
  return seen('origin', { ...allow(accepted, headers), origin }, { originClass: 'foreign' })
}

function allow(origin: string, headers: Readonly<Record<string, string>> = {}): Said {
  return { origin, headers: { 'access-control-allow-origin': origin, ...headers } }
}

function seen(kind: Probe['kind'], said: Said, probe: Partial<Probe> = {}): Answered {
  const { origin = ONE, status = 200, headers = {} } = said
  return {
    probe: { kind, method: 'GET', at: 'url', headers: [], origin, session: false, ...probe },
    sent: { method: 'GET', path: '/me', headers: [] },
    answer: { status, statusText: '', headers: Object.entries(headers), bodyHash: '' },
    failure: undefined,
  }
}

import type { HostPattern, PathSegment } from '../../src/policy/resolved/resolved-policy.js'
import { compileRouteTable } from '../../src/policy/routes/route-table.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { READINGS } from '../http/readings.js'
import { craftedTargets, escapes } from './inputs/targets.js'
import { promise } from './promise.js'
import { decisionsOf, eachOf, eventually, head, openRig, policyOf, shoot, unique } from './rig.js'

const TWO_ROUTES = `  - { id: public, path: /public/**, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
  - { id: admin, path: /admin/**, upstream: api }
  - { id: site, path: /**, upstream: api }
`

promise('R1', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { gateway, port } = await openRig(t, policyOf(upstream.origin, TWO_ROUTES))
  const targets = craftedTargets()
  let forwarded = 0
  const wrong: unknown[] = []
  await eachOf(targets, 16, async target => {
    const id = unique()
    const { statuses } = await shoot(
      port,
      head(`GET ${target} HTTP/1.1`, 'Host: x', `X-Request-Id: ${id}`, 'Connection: close'),
    )
    const seen = upstream.requests.find(request => request.head.includes(id))
    if (seen === undefined) {
      if (statuses.length !== 1 || ![400, 404].includes(statuses[0]!)) wrong.push({ target, statuses })
      return
    }
    forwarded++
    const [logged] = await recordsOf(gateway, id)
    for (const [server, read] of Object.entries(READINGS)) {
      const first = read(seen.target.split('?')[0]!)[0] ?? ''
      const fallsIn = first === 'public' || first === 'admin' ? first : 'site'
      if (logged?.['route'] !== fallsIn)
        wrong.push({ target, server, sent: seen.target, fallsIn, logged: logged?.['route'] })
    }
  })
  t.same(wrong, [], 'what every server reads is what was decided')
  t.ok(forwarded > 40, `${forwarded} were forwarded, so the row is not vacuous`)
  row.tried(targets.length)
  row.figure(
    `${forwarded} forwarded, each read alike by ${Object.keys(READINGS).length} servers; ${targets.length - forwarded} refused`,
  )
})

promise('R2', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const routes = `  - { id: public, path: /public/**, upstream: api, replacePrefix: /v1/pub }
`
  const { port } = await openRig(t, policyOf(`${upstream.origin}/base`, routes))
  let inside = 0
  for (const target of escapes()) {
    const id = unique()
    const { statuses } = await shoot(
      port,
      head(`GET ${target} HTTP/1.1`, 'Host: x', `X-Request-Id: ${id}`, 'Connection: close'),
    )
    const seen = upstream.requests.find(request => request.head.includes(id))
    if (seen === undefined) {
      t.ok([400, 404].includes(statuses[0]!), `${target}: ${statuses}`)
      continue
    }
    inside++
    t.match(seen.target, /^\/base\/v1\/pub(?:\/|$)/, target)
    for (const [server, read] of Object.entries(READINGS)) {
      t.same(read(seen.target).slice(0, 3), ['base', 'v1', 'pub'], `${target} to ${server}`)
    }
  }
  t.ok(inside > 4, 'some are inside')
  row.tried(escapes().length)
  row.figure(`${inside} stayed inside, ${escapes().length - inside} refused`)
})

promise('R3', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const routes = `  - { id: api, hosts: [api.example], path: /api/**, upstream: api }
`
  const { gateway, port } = await openRig(t, policyOf(upstream.origin, routes))
  const get = (target: string): readonly string[] => [`GET ${target} HTTP/1.1`, 'Host: api.example']
  const cases: readonly (readonly [what: string, status: number, lines: readonly string[]])[] = [
    ['a lone percent', 400, get('/api/%')],
    ['no hex', 400, get('/api/%zz')],
    ['half an escape', 400, get('/api/%4')],
    ['no UTF-8', 400, get('/api/%ff')],
    ['NUL', 400, get('/api/%00')],
    ['a raw NUL', 400, get('/api/\0')],
    ['a fragment', 400, get('/api/#x')],
    ['a space', 400, get('/api/a b')],
    ['a tab', 400, get('/api/a\tb')],
    ['raw latin-1', 400, get('/api/\xe9')],
    ['absolute form', 400, get('http://api.example/api/x')],
    ['absolute form, other host', 400, get('http://127.0.0.1:1/x')],
    ['a relative target', 400, get('api/x')],
    ['a query alone', 400, get('?x')],
    ['no target', 400, ['GET HTTP/1.1', 'Host: api.example']],
    ['CONNECT', 405, ['CONNECT 127.0.0.1:22 HTTP/1.1', 'Host: api.example']],
    ['CONNECT to a path', 400, ['CONNECT /api/x HTTP/1.1', 'Host: api.example']],
    ['TRACE', 405, ['TRACE /api/x HTTP/1.1', 'Host: api.example']],
    ['OPTIONS *', 400, ['OPTIONS * HTTP/1.1', 'Host: api.example']],
    ['GET *', 400, get('*')],
    ['two Hosts', 400, [...get('/api/x'), 'Host: api.example']],
    ['two different Hosts', 400, [...get('/api/x'), 'Host: other.example']],
    ['no Host', 400, ['GET /api/x HTTP/1.1']],
    ['an empty Host', 421, ['GET /api/x HTTP/1.1', 'Host:']],
    ['a foreign Host', 421, ['GET /api/x HTTP/1.1', 'Host: evil.example']],
    ['a Host with user info', 400, ['GET /api/x HTTP/1.1', 'Host: a@api.example']],
    ['a Host with a path', 400, ['GET /api/x HTTP/1.1', 'Host: api.example/x']],
    ['a Host list', 400, ['GET /api/x HTTP/1.1', 'Host: api.example, other.example']],
    ['HTTP/1.2', 400, ['GET /api/x HTTP/1.2', 'Host: api.example']],
    ['HTTP/2.0', 400, ['GET /api/x HTTP/2.0', 'Host: api.example']],
    ['an unknown method', 400, ['EVIL /api/x HTTP/1.1', 'Host: api.example']],
    ['a method in lower case', 400, ['get /api/x HTTP/1.1', 'Host: api.example']],
  ]
  for (const [what, status, lines] of cases) {
    const before = decisionsOf(gateway).length
    const { statuses, text } = await shoot(port, head(...lines, 'Connection: close'))
    const allowed = what === 'an empty Host' || what.startsWith('CONNECT') ? [400, 405, 421] : [status]
    t.equal(statuses.length, 1, `${what}: one answer`)
    t.ok(allowed.includes(statuses[0]!), `${what}: ${statuses} ${text.slice(0, 60)}`)
    t.ok(await eventually(() => decisionsOf(gateway).length === before + 1, 3000), `${what}: one record`)
  }
  t.equal(upstream.connections.length, 0, 'the upstream was never dialled')
  row.tried(cases.length)
  row.figure(`${cases.length} refused with one record each, no connection to the upstream`)
})

promise('R4', async (t, row) => {
  const random = mulberry(20261122)
  const routes = randomRoutes(random, 200)
  const orders = [routes, [...routes].reverse(), shuffled(routes, random), shuffled(routes, random)]
  const tables = orders.map(order => compileRouteTable(order))
  const wrong: unknown[] = []
  let matched = 0
  for (let index = 0; index < 20_000; index++) {
    const host = HOSTS_ASKED[Math.floor(random() * HOSTS_ASKED.length)]!
    const segments = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      pick(['a', 'b', 'c', 'd', 'e'], random),
    )
    if (random() < 0.1) segments.push('')
    const expected = oracle(routes, host, segments)
    if (expected !== undefined) matched++
    for (const table of tables) {
      const found = table.find(host, segments).route?.id
      if (found !== expected?.id) wrong.push({ host, segments, found, expected: expected?.id })
    }
  }
  t.same(wrong.slice(0, 5), [], 'the same winner in every order')
  t.ok(matched > 5_000, 'not vacuous')
  row.tried(20_000)
  row.figure(`200 routes in ${orders.length} orders; ${matched} paths had a winner, always the oracle's`)
})

interface TestRoute {
  readonly id: string
  readonly hosts: readonly HostPattern[]
  readonly segments: readonly PathSegment[]
}

/** Every route that matches, then the most specific, by comparing them all. */
function oracle(
  routes: readonly TestRoute[],
  host: string,
  segments: readonly string[],
): TestRoute | undefined {
  let best: { route: TestRoute; rank: string } | undefined
  for (const route of routes) {
    const hostRank = rankOfHost(route, host)
    const pathRank = rankOfPath(route.segments, segments)
    if (hostRank === undefined || pathRank === undefined) continue
    const rank = `${hostRank}/${pathRank}`
    if (best === undefined || rank < best.rank) best = { route, rank }
  }
  return best?.route
}

// Smaller is more specific, compared as text.
function rankOfHost({ hosts: [host] }: TestRoute, asked: string): string | undefined {
  if (host === undefined) return '3'
  if (host.kind === 'exact') return host.name === asked ? '1' : undefined
  return asked.endsWith(`.${host.name}`) ? `2${String(999 - host.name.length)}` : undefined
}

function rankOfPath(pattern: readonly PathSegment[], segments: readonly string[]): string | undefined {
  let rank = ''
  for (const [index, part] of pattern.entries()) {
    if (part.kind === 'rest') return `${rank}c`
    const segment = segments[index]
    if (segment === undefined) return undefined
    if (part.kind === 'literal' && part.text !== segment) return undefined
    if (part.kind === 'one' && segment === '') return undefined
    rank += part.kind === 'literal' ? 'a' : 'b'
  }
  return pattern.length === segments.length ? rank : undefined
}

function randomRoutes(random: () => number, count: number): TestRoute[] {
  const routes = new Map<string, TestRoute>()
  while (routes.size < count) {
    const hosts = pick<readonly HostPattern[]>(
      [
        [],
        [],
        [{ kind: 'exact', name: 'api.shop.example' }],
        [{ kind: 'wildcard', name: 'shop.example' }],
        [{ kind: 'wildcard', name: 'example' }],
      ],
      random,
    )
    const segments: PathSegment[] = Array.from({ length: Math.floor(random() * 5) }, () =>
      random() < 0.3 ? { kind: 'one' } : { kind: 'literal', text: pick(['a', 'b', 'c'], random) },
    )
    if (random() < 0.5 || segments.length === 0) segments.push({ kind: 'rest' })
    const key = JSON.stringify([hosts, segments])
    if (!routes.has(key)) routes.set(key, { id: `r${routes.size}`, hosts, segments })
  }
  return [...routes.values()]
}

const HOSTS_ASKED = [
  'api.shop.example',
  'x.shop.example',
  'a.b.shop.example',
  'other.example',
  'elsewhere.test',
  'shop.example',
]

function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)]!
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map(value => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)
}

/** A small seeded generator, so that a failure comes again. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

async function recordsOf(gateway: Parameters<typeof decisionsOf>[0], id: string) {
  const found = () => decisionsOf(gateway).filter(record => record['requestId'] === id)
  await eventually(() => found().length > 0)
  return found()
}

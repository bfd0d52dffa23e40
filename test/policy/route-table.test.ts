import fc from 'fast-check'
import t from 'tap'
import type { CompiledPolicy } from '../../src/policy/compiled/compiled-policy.js'
import { evaluate } from '../../src/policy/evaluate.js'
import { nearestRoutes } from '../../src/policy/explain/nearest-routes.js'
import type { HostPattern, PathSegment } from '../../src/policy/resolved/resolved-policy.js'
import { compileRouteTable, type Routable, type RouteTable } from '../../src/policy/routes/route-table.js'
import { millisOf } from '../cors/cost.js'
import { route as corsPolicy, request } from '../cors/policy.js'
import { READINGS } from '../http/readings.js'

/** A route as `api.example /orders/**`; the host may be absent, or several with commas. */
interface Route extends Routable {
  readonly text: string
}

function route(text: string): Route {
  const [path = '', hosts] = text.split(' ').reverse()
  return { text, hosts: hosts === undefined ? [] : hosts.split(',').map(hostOf), segments: segmentsOf(path) }
}

function hostOf(text: string): HostPattern {
  return text.startsWith('*.') ? { kind: 'wildcard', name: text.slice(2) } : { kind: 'exact', name: text }
}

function segmentsOf(path: string): readonly PathSegment[] {
  return path
    .slice(1)
    .split('/')
    .map(text =>
      text === '*' ? { kind: 'one' } : text === '**' ? { kind: 'rest' } : { kind: 'literal', text },
    )
}

function found(table: RouteTable<Route>, host: string, path: string): string {
  const { route, reason } = table.find(host, path.slice(1).split('/'))
  return route?.text ?? reason ?? ''
}

/** A set of routes, then requests (`host/path`, or `/path` for a host of no account) and the route that each finds. */
function finds(title: string, texts: readonly string[], rows: readonly (readonly [string, string])[]): void {
  t.test(title, async t => {
    for (const order of [texts, texts.toReversed()]) {
      const table = compileRouteTable(order.map(route))
      for (const [request, expected] of rows) {
        const slash = request.indexOf('/')
        t.equal(
          found(table, request.slice(0, slash), request.slice(slash)),
          expected,
          `${request} → ${expected}`,
        )
      }
    }
  })
}

finds(
  'literal before * before **, segment by segment',
  ['/orders/new', '/orders/*', '/orders/**', '/*/new', '/*/*', '/**', '/orders/new/**', '/*/x/y'],
  [
    ['/orders/new', '/orders/new'],
    ['/orders/1', '/orders/*'],
    ['/orders/1/2', '/orders/**'],
    ['/orders', '/orders/**'],
    ['/orders/', '/orders/**'],
    ['/orders/new/', '/orders/new/**'],
    ['/orders/new/1', '/orders/new/**'],
    ['/carts/new', '/*/new'],
    ['/carts/1', '/*/*'],
    ['/carts/x/y', '/*/x/y'],
    ['/carts/x/z', '/**'],
    // The first segment decides before the second is looked at.
    ['/orders/x/y', '/orders/**'],
    ['/', '/**'],
    ['/orders2', '/**'],
    ['/order', '/**'],
    ['/ORDERS/new', '/*/new'],
  ],
)

finds(
  'a route that comes to nothing gives way to a less specific one',
  ['/a/b/c', '/a/*/d', '/*/b/e', '/*/*/*'],
  [
    ['/a/b/c', '/a/b/c'],
    ['/a/b/d', '/a/*/d'],
    ['/a/b/e', '/*/b/e'],
    ['/a/b/f', '/*/*/*'],
    ['/a/b', 'route-not-found'],
    ['/a/b/c/d', 'route-not-found'],
  ],
)

finds(
  'a trailing slash is a segment of its own, and an empty one',
  ['/a', '/b/', '/c/*', '/d/**', '/'],
  [
    ['/a', '/a'],
    ['/a/', 'route-not-found'],
    ['/b/', '/b/'],
    ['/b', 'route-not-found'],
    ['/c/', 'route-not-found'],
    ['/c/x', '/c/*'],
    ['/c/x/', 'route-not-found'],
    ['/d', '/d/**'],
    ['/d/', '/d/**'],
    ['/d/x/', '/d/**'],
    ['/dx', 'route-not-found'],
    ['/', '/'],
    ['/x', 'route-not-found'],
  ],
)

finds(
  '** is this path and all below it, and an exact path is before it',
  ['/a', '/a/**'],
  [
    ['/a', '/a'],
    ['/a/', '/a/**'],
    ['/a/b', '/a/**'],
  ],
)

finds(
  'exact host before wildcard host before any host',
  ['api.shop.example /**', '*.shop.example /**', '*.api.shop.example /**', '*.example /a', '/a', '/a/b'],
  [
    ['api.shop.example/a', 'api.shop.example /**'],
    ['www.shop.example/a', '*.shop.example /**'],
    ['a.b.shop.example/a', '*.shop.example /**'],
    ['v1.api.shop.example/a', '*.api.shop.example /**'],
    ['shop.example/a', '*.example /a'],
    ['other.example/a', '*.example /a'],
    // The path is looked for on every host that holds, the nearest first.
    ['other.example/a/b', '/a/b'],
    ['other.example/b', 'route-not-found'],
    ['example/a', '/a'],
    ['/a', '/a'],
    ['xshop.example/a', '*.example /a'],
    ['shop.example.evil/a', '/a'],
    ['.shop.example/a', '/a'],
    ['api.shop.example./a', '/a'],
  ],
)

finds(
  '421 where no route knows the host, 404 where one does',
  ['api.example,www.example /a', '*.shop.example /b'],
  [
    ['api.example/a', 'api.example,www.example /a'],
    ['www.example/a', 'api.example,www.example /a'],
    ['api.example/b', 'route-not-found'],
    ['x.shop.example/a', 'route-not-found'],
    ['shop.example/b', 'host-not-found'],
    ['other.example/a', 'host-not-found'],
    ['/a', 'host-not-found'],
    ['constructor/a', 'host-not-found'],
    ['__proto__/a', 'host-not-found'],
  ],
)
finds('no route at all', [], [['/a', 'host-not-found']])

finds(
  'two spellings of a segment are one, so that none slips past a route',
  ['/v1:batch/**', '/a%20b', '/100%25', '/%C3%A9', '/%2A', '/*', '/**'],
  [
    ['/v1:batch/x', '/v1:batch/**'],
    ['/v1%3Abatch/x', '/v1:batch/**'],
    ['/a%20b', '/a%20b'],
    ['/100%25', '/100%25'],
    ['/%C3%A9', '/%C3%A9'],
    // A literal star, not the wildcard.
    ['/%2A', '/%2A'],
    ['/*', '/%2A'],
    ['/x', '/*'],
  ],
)

finds(
  'segments named like properties',
  ['/a', '/__proto__/a'],
  [
    ['/__proto__', 'route-not-found'],
    ['/__proto__/a', '/__proto__/a'],
    ['/constructor', 'route-not-found'],
    ['/hasOwnProperty/a', 'route-not-found'],
  ],
)

// promises.md, R4.
t.test('200 random sets of routes, shuffled, 20,000 requests: the same winner as a naive oracle', async t => {
  const outcomes = new Map<string, number>()
  let requests = 0
  fc.assert(
    fc.property(
      routeSet,
      fc.array(fc.tuple(host, path), { minLength: 100, maxLength: 100 }),
      (routes, asked) => {
        const { inOrder, shuffled } = routes
        const first = compileRouteTable(inOrder)
        const second = compileRouteTable(shuffled)
        for (const [host, path] of asked) {
          const expected = oracle(inOrder, host, path)
          for (const table of [first, second]) {
            const winner = found(table, host, path)
            if (winner !== expected) throw new Error(`${host}${path}: oracle ${expected}, table ${winner}`)
          }
          const kind = expected.includes('/') ? 'found' : expected
          outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1)
          requests++
        }
      },
    ),
    { numRuns: 200 },
  )
  t.ok(requests >= 20_000, `${requests} requests`)
  for (const kind of ['found', 'route-not-found', 'host-not-found']) {
    t.ok((outcomes.get(kind) ?? 0) > 200, `${outcomes.get(kind)} were ${kind}`)
  }
})

// promises.md, R1: what is decided on one route must not be served from another by a server that reads paths otherwise.
t.test('six servers read an accepted path as one of the route that was found', async t => {
  let routed = 0
  fc.assert(
    fc.property(trickyTarget, target => {
      const { route: chosen, target: accepted } = evaluate(TRICKY, tricky(target), 0)
      if (accepted === undefined) return
      routed++
      for (const [server, read] of Object.entries(READINGS)) {
        const there = TRICKY.table.find('', read(accepted.path).map(encode)).route
        if (there !== chosen)
          throw new Error(`${server} reads ${target} as one of ${there?.id}, not ${chosen?.id}`)
      }
    }),
    { numRuns: 20_000 },
  )
  t.ok(routed > 4_000, `${routed} were accepted`)
})

t.test('the cost of a lookup is bounded', async t => {
  const both = Array.from({ length: 12 }, () => ['a', '*'])
  const dense = both.reduce<string[]>(
    (paths, choices) => paths.flatMap(path => choices.map(c => `${path}/${c}`)),
    [''],
  )
  const table = compileRouteTable(dense.map(path => route(`${path}/end`)))
  const wildcards = compileRouteTable([route('*.shop.example /a'), route('*.b.example /**')])

  const rows: readonly [description: string, RouteTable<Route>, host: string, path: string][] = [
    ['4,096 routes that match but for their end', table, '', `${'/a'.repeat(12)}/other`],
    ['the same, far below', table, '', '/a'.repeat(8192)],
    ['a host of 16 KB', wildcards, 'a.'.repeat(8192), '/a'],
    ['a host of dots', wildcards, `a${'.'.repeat(16_000)}`, '/a'],
    ['the longest host', wildcards, `${'a.'.repeat(120)}b.example`, '/a'],
  ]
  for (const [description, lookup, host, path] of rows) {
    const segments = path.slice(1).split('/')
    const millis = millisOf(() => lookup.find(host, segments))
    t.ok(millis < 5, `${description} took ${millis.toFixed(3)} ms`)
  }
})

/** Sorts all routes that match by how specific they are, reading design section 2 word by word. */
function oracle(routes: readonly Route[], host: string, path: string): string {
  const segments = path.slice(1).split('/')
  const onHost = routes.flatMap(route => {
    const ranks = (route.hosts.length === 0 ? [undefined] : route.hosts).map(pattern =>
      hostRank(pattern, host),
    )
    const best = Math.max(...ranks)
    return best < 0 ? [] : [{ route, host: best }]
  })
  if (onHost.length === 0) return 'host-not-found'
  const matching = onHost
    .filter(({ route }) => matchesPath(route.segments, segments))
    .sort((one, other) => other.host - one.host || byPath(one.route.segments, other.route.segments))
  return matching[0]?.route.text ?? 'route-not-found'
}

/** Any host 0, a wildcard by its length, an exact host above them all; -1 where it does not hold. */
function hostRank(pattern: HostPattern | undefined, host: string): number {
  if (pattern === undefined) return 0
  if (pattern.kind === 'exact') return pattern.name === host ? 1000 : -1
  return host.endsWith(`.${pattern.name}`) && host.length > pattern.name.length + 1 ? pattern.name.length : -1
}

function matchesPath(pattern: readonly PathSegment[], segments: readonly string[]): boolean {
  const [first, ...others] = pattern
  if (first === undefined) return segments.length === 0
  if (first.kind === 'rest') return true
  const [segment, ...below] = segments
  if (segment === undefined) return false
  const holds = first.kind === 'one' ? segment !== '' : first.text === segment
  return holds && matchesPath(others, below)
}

function byPath(one: readonly PathSegment[], other: readonly PathSegment[]): number {
  const ranks = { literal: 3, one: 2, end: 1, rest: 0 }
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const difference = ranks[other[at]?.kind ?? 'end'] - ranks[one[at]?.kind ?? 'end']
    if (difference !== 0) return difference
  }
  return 0
}

// Two letters and three hosts, so that nearly everything overlaps.
const letter = fc.constantFrom('a', 'b')
const pathSegment = fc.oneof({ weight: 3, arbitrary: letter }, { weight: 2, arbitrary: fc.constant('*') })
const routePath = fc
  .tuple(fc.array(pathSegment, { maxLength: 4 }), fc.constantFrom('', '**', ''))
  .map(([segments, last]) => `/${[...segments, ...(last === '' ? [] : [last])].join('/')}`)
const hostPattern = fc.constantFrom('a.x.y', 'x.y', '*.x.y', '*.y', '*.a.x.y', 'b.x.y')
const routeHosts = fc.oneof(
  { weight: 1, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(hostPattern, { minLength: 1, maxLength: 2 })
      .map(hosts => `${hosts.join(',')} `),
  },
)
const routeText = fc.tuple(routeHosts, routePath).map(parts => parts.join(''))

/** Up to 40 routes, without two that match the same requests: such a policy is refused. */
const routeSet = fc
  .array(routeText, { minLength: 1, maxLength: 40 })
  .map(texts => {
    const taken = new Set<string>()
    return texts.map(route).filter(({ hosts, text }) => {
      const path = text.split(' ').at(-1)
      const keys = (hosts.length === 0 ? ['any'] : hosts.map(host => host.kind + host.name)).map(
        host => host + path,
      )
      if (keys.some(key => taken.has(key))) return false
      for (const key of keys) taken.add(key)
      return true
    })
  })
  .chain(routes =>
    fc
      .shuffledSubarray(routes, { minLength: routes.length, maxLength: routes.length })
      .map(shuffled => ({ inOrder: routes, shuffled })),
  )
const host = fc.constantFrom('a.x.y', 'x.y', 'b.x.y', 'c.x.y', 'b.a.x.y', 'y', 'z', '', '.y', 'a.y')
const path = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }), fc.constantFrom('', '', '/'))
  .map(([segments, slash]) => `/${segments.join('/')}${segments.length === 0 ? '' : slash}`)

// Routes that differ in policy, told apart by every character that one server or another reads in its own way.
const TRICKY_ROUTES = [
  '/**',
  '/admin/**',
  '/public/**',
  '/public/*/b',
  '/v1:a/**',
  '/a+b',
  '/a%20b/*',
  '/%2A',
  '/a',
  '/a/',
  '/$a/(b)',
]
const TRICKY = {
  table: compileRouteTable(
    TRICKY_ROUTES.map(text => ({ ...route(text), id: text, corsPolicy: corsPolicy([]) })),
  ),
  publicOrigins: new Set(),
} as unknown as CompiledPolicy

function tricky(target: string) {
  return { ...request({}), target, host: '', scheme: 'http' as const }
}

const trickyPiece = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      '/',
      '/',
      'admin',
      'public',
      'a',
      'b',
      'v1:a',
      'v1%3Aa',
      'a+b',
      'a%2bb',
      'a%20b',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ';',
      ';x',
      '%3b',
      '..;',
      '%3B;',
      '*',
      '%2a',
      '$a',
      '%24a',
      '(b)',
      '%28b%29',
      '%61',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '.',
      '..',
      '%2e',
      '%25',
      '%32%65',
      '%2f',
      '\\',
      '%5c',
      '//',
      '%c0%af',
      '%252f',
      '%00',
      ':',
    ),
  },
)
const trickyTarget = fc.array(trickyPiece, { maxLength: 8 }).map(pieces => `/${pieces.join('')}`)

/** A decoded segment, one character per byte, as the table takes it. */
function encode(segment: string): string {
  return Buffer.from(segment, 'latin1').toString('utf8').split('').map(encodeURIComponent).join('')
}

/** Requests that none of the routes holds, and which come closest, with why. */
const NEAREST_OF = [
  'api.example /orders/**',
  'api.example /items/*',
  'api.example /items/*/parts',
  'api.example /login',
  'api.example /login/sso/',
  'api.example /',
]
t.test('what comes closest to a request that no route holds', async t => {
  for (const [asked, ...expected] of [
    ['api.example/order/1', '/orders/**: segment 1 is `order`, and not `orders`'],
    ['api.example/Orders', '/orders/**: segment 1 is `Orders`, and not `orders`: another case'],
    ['api.example/login/', '/login: the path has a slash at its end', '/login/sso/: segment 2 is empty'],
    [
      'api.example/login/sso',
      '/login/sso/: the path ends before the slash',
      '/login: the path goes on with `/sso`',
    ],
    ['api.example/items', '/items/*: the path ends where `*`', '/items/*/parts: the path ends where `*`'],
    ['api.example/items/', '/items/*: the path ends with a slash where `*`', '/items/*/parts: '],
    [
      'api.example/items/1/part',
      '/items/*/parts: segment 3 is `part`',
      '/items/*: the path goes on with `/part`',
    ],
    ['other.example/login', '/login: the host is another: api.example; the path fits', '/login/sso/: '],
    // Nothing is close: some of them, so that there is something to look at.
    ['api.example/x', '/', '/', '/'],
  ] as const) {
    const slash = asked.indexOf('/')
    const host = asked.slice(0, slash)
    const segments = asked.slice(slash + 1).split('/')
    for (const order of [NEAREST_OF, NEAREST_OF.toReversed()]) {
      const routes = order.map(text => ({ ...route(text), path: text.split(' ')[1] }))
      t.equal(compileRouteTable(routes).find(host, segments).route, undefined, `${asked} is held by none`)
      const policy = { routes } as unknown as CompiledPolicy
      const found = nearestRoutes(policy, host, segments).map(({ route: { path }, why }) => `${path}: ${why}`)
      t.equal(found.length, expected.length, `${asked}: ${found.join(' | ')}`)
      for (const [index, start] of expected.entries())
        t.ok(found[index]?.startsWith(start), `${asked}: ${found[index]}`)
    }
  }
})

import t from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import type { ResolvedPolicy, ResolvedRule } from '../../src/policy/resolved/resolved-policy.js'
import { withOrigins, withRoute, withRuleOf, withTop, withUpstream } from './marked-policy.js'

function load(...texts: string[]): ResolvedPolicy {
  const files = texts.map((text, index) => ({ file: `/etc/crossgate/${index}.yaml`, text }))
  const { policy, problems } = resolvePolicy(files)
  if (policy === undefined) throw new Error(JSON.stringify(problems, null, 2))
  return policy
}

function ruleOf(text: string): ResolvedRule {
  return load(text).routes[0]?.cors[0] as ResolvedRule
}

// Design section 2, word for word, but for the upstream `web` that its last route names.
const EXAMPLE = `version: 1
upstreams:
  orders:
    url: http://orders.internal:8080        # scheme://host[:port][/base]; https is verified
    # tls: { ca: ca.pem, serverName: name, cert: client.pem, key: client-key.pem, dangerouslySkipVerify: false }
  web: { url: https://web.internal }
origins:                                    # named origin sets, owned and dated
  storefront:
    - https://www.shop.example
    - https://*.preview.shop.example        # one or more labels below; never the name itself
    - { origin: https://partner.example, owner: partners@shop.example, reason: TICKET-12, expires: 2027-01-31 }
routes:
  - id: orders
    hosts: [api.shop.example]               # exact or *.wildcard; absent = any host
    path: /orders/**                        # literal segments, * = one segment, final **
    upstream: orders
    replacePrefix: /v1/orders               # optional; only with **
    cors:                                   # first rule whose allowOrigins holds the request's origin decides
      - allowOrigins: [storefront, https://admin.shop.example]
        allowMethods: [GET, POST, DELETE]   # required: nothing is implied, except HEAD by GET
        allowHeaders: [content-type, authorization, x-request-id]
        exposeHeaders: [x-request-id]
        allowCredentials: true
        maxAge: 10m                         # seconds or a duration; 0 to 24h
      - allowOrigins: ["*"]                 # public: never with credentials
        allowMethods: [GET]
    mode: enforce                           # or report
    onDenied: block                         # or strip
    forwardOrigin: true                     # false: the upstream never sees Origin
    websocket: false
  - { id: site, path: /**, upstream: web }  # same-origin front end beside the API
publicOrigins: [https://api.shop.example]
defaults: { mode: enforce, onDenied: block }
`

t.test('the example of the design', async t => {
  const { policy, problems } = resolvePolicy([{ file: '/etc/crossgate/policy.yaml', text: EXAMPLE }])
  t.strictSame(problems, [])
  const at = (line: number, column: number, endColumn: number) => ({
    file: '/etc/crossgate/policy.yaml',
    line,
    column,
    endColumn,
  })

  const orders = policy?.upstreams.get('orders')
  t.strictSame(orders, {
    name: 'orders',
    origin: 'http://orders.internal:8080',
    basePath: '',
    tls: { dangerouslySkipVerify: false },
    timeouts: { connect: 2000, headers: 15_000, idle: 30_000 },
    connections: 64,
    queue: 256,
    position: at(3, 3, 9),
    fields: new Map([['url', at(4, 5, 37)]]),
  })

  const storefront = policy?.originSets.get('storefront')
  t.strictSame(storefront && { ...storefront, entries: [...storefront.entries] }, {
    name: 'storefront',
    entries: [
      {
        text: 'https://www.shop.example',
        pattern: {
          kind: 'exact',
          text: 'https://www.shop.example',
          scheme: 'https',
          host: 'www.shop.example',
        },
        position: at(9, 7, 31),
      },
      {
        text: 'https://*.preview.shop.example',
        pattern: {
          kind: 'wildcard',
          scheme: 'https',
          host: 'preview.shop.example',
          subdomains: true,
          port: '',
        },
        position: at(10, 7, 37),
      },
      {
        text: 'https://partner.example',
        pattern: { kind: 'exact', text: 'https://partner.example', scheme: 'https', host: 'partner.example' },
        owner: 'partners@shop.example',
        reason: 'TICKET-12',
        expiresAt: Date.UTC(2027, 1, 1),
        position: at(11, 17, 40),
      },
    ],
    position: at(8, 3, 13),
  })

  const [first, site] = policy?.routes ?? []
  t.match(first, {
    id: 'orders',
    hosts: [{ kind: 'exact', name: 'api.shop.example' }],
    path: '/orders/**',
    segments: [{ kind: 'literal', text: 'orders' }, { kind: 'rest' }],
    replacePrefix: '/v1/orders',
    mode: 'enforce',
    onDenied: 'block',
    forwardOrigin: true,
    websocket: false,
    fetchMetadata: 'off',
    position: { line: 13, column: 5 },
  })
  t.equal(first?.upstream, orders, 'the upstream is the very object')

  const [credentialed, open] = first?.cors ?? []
  t.equal(credentialed?.origins[0], storefront, 'the named set is the very object')
  const inline = credentialed?.origins[1]
  t.match(inline && { ...inline, entries: [...inline.entries] }, {
    name: undefined,
    entries: [{ text: 'https://admin.shop.example' }],
    position: at(19, 36, 62),
  })
  t.match(credentialed, {
    anyOrigin: false,
    allowMethods: ['GET', 'POST', 'DELETE'],
    anyMethod: false,
    allowHeaders: ['content-type', 'authorization', 'x-request-id'],
    anyHeader: false,
    exposeHeaders: ['x-request-id'],
    exposeAny: false,
    allowCredentials: true,
    maxAge: 600,
    allowPrivateNetwork: false,
    allowTiming: false,
    dangerous: [],
    position: { line: 19, column: 9 },
  })
  t.match(open, { anyOrigin: true, allowMethods: ['GET'], allowCredentials: false, maxAge: undefined })
  t.match(site, { id: 'site', hosts: [], segments: [{ kind: 'rest' }], cors: [], replacePrefix: undefined })
  t.strictSame(policy?.publicOrigins, ['https://api.shop.example'])
})

t.test('defaults go to the routes that do not say', async t => {
  const text = `${withTop('defaults: { mode: report, onDenied: strip }')}`.replace(
    '\ndefaults',
    '\n  - { id: b, path: /b, upstream: u, mode: enforce, onDenied: block }\ndefaults',
  )
  const { routes } = load(text)
  t.match(routes, [
    { id: 'a', mode: 'report', onDenied: 'strip' },
    { id: 'b', mode: 'enforce', onDenied: 'block' },
  ])
})

t.test('every optional part of a route and a rule', async t => {
  const [route] = load(
    withRoute(`path: /a/*/b
hosts: ["*.shop.example", api.shop.example, "[::1]", api.shop.example]
forwardOrigin: false
websocket: true
fetchMetadata: isolate
cors:
  - allowOrigins: ["*"]
    allowMethods: ["*"]
    allowHeaders: ["*", Authorization, X-A, x-a]
    exposeHeaders: [X-B, "*"]
    maxAge: 0
    allowPrivateNetwork: true
    allowTiming: true`),
  ).routes
  t.match(route, {
    hosts: [
      { kind: 'wildcard', name: 'shop.example' },
      { kind: 'exact', name: 'api.shop.example' },
      { kind: 'exact', name: '[::1]' },
    ],
    segments: [{ kind: 'literal', text: 'a' }, { kind: 'one' }, { kind: 'literal', text: 'b' }],
    forwardOrigin: false,
    websocket: true,
    fetchMetadata: 'isolate',
  })
  t.equal(route?.hosts.length, 3, 'a host twice is one host')
  const rule = route?.cors[0]
  t.strictSame(rule?.allowMethods, [])
  t.strictSame(rule?.allowHeaders, ['authorization', 'x-a'], 'lower case, each once, without the star')
  t.strictSame(rule?.exposeHeaders, ['x-b'])
  t.match(rule, {
    anyOrigin: true,
    anyMethod: true,
    anyHeader: true,
    exposeAny: true,
    maxAge: 0,
    allowPrivateNetwork: true,
    allowTiming: true,
  })
})

t.test('paths are cut as requests are', async t => {
  const segments = (path: string) => load(withRoute(`path: ${path}`)).routes[0]?.segments
  const literal = (text: string) => ({ kind: 'literal', text })
  t.strictSame(segments('/'), [literal('')])
  t.strictSame(segments('/**'), [{ kind: 'rest' }])
  t.strictSame(segments('/a/'), [literal('a'), literal('')])
  t.strictSame(segments('/a/%2A/caf%C3%A9'), [literal('a'), literal('%2A'), literal('caf%C3%A9')])
  t.equal(load(withRoute('path: /a/**\nreplacePrefix: /')).routes[0]?.replacePrefix, '')
})

t.test('every optional part of an upstream', async t => {
  const upstream = load(
    withUpstream(`url: https://u.internal:443/base
tls: { ca: ../ca.pem, cert: tls/c.pem, key: /keys/k.pem, serverName: other.internal, dangerouslySkipVerify: true }
timeouts: { connect: 500ms, headers: 1.5, idle: 2h, total: 1h }
connections: 1
queue: 0
preserveHost: true`),
  ).upstreams.get('u')
  t.match(upstream, {
    origin: 'https://u.internal',
    basePath: '/base',
    tls: {
      ca: '../ca.pem',
      cert: 'tls/c.pem',
      key: '/keys/k.pem',
      serverName: 'other.internal',
      dangerouslySkipVerify: true,
    },
    timeouts: { connect: 500, headers: 1500, idle: 7_200_000, total: 3_600_000 },
    connections: 1,
    queue: 0,
    preserveHost: true,
  })
  t.match(load(withUpstream('url: http://[::1]:8080/')).upstreams.get('u'), {
    origin: 'http://[::1]:8080',
    basePath: '',
  })
})

t.test('an entry holds on its last day and no longer', async t => {
  const entry = (expires: string) =>
    ruleOf(withOrigins(`{ origin: https://a.example, expires: ${expires} }`, '')).origins[0]?.entries.at(0)
  t.equal(entry('2026-12-31')?.expiresAt, Date.UTC(2027, 0, 1))
  t.equal(entry('2028-02-29')?.expiresAt, Date.UTC(2028, 2, 1))
  t.equal(entry('"2026-01-01"')?.expiresAt, Date.UTC(2026, 0, 2))
})

t.test('what the switches are for', async t => {
  const cases = [
    ['"null"', 'dangerouslyAllowNullOrigin: true', 'dangerouslyAllowNullOrigin'],
    [
      'http://a.example',
      'allowCredentials: true\ndangerouslyAllowInsecureOrigins: true',
      'dangerouslyAllowInsecureOrigins',
    ],
    ['https://*.github.io', 'dangerouslyAllowPublicSuffix: true', 'dangerouslyAllowPublicSuffix'],
  ] as const
  for (const [origin, lines, name] of cases) {
    const { policy, problems } = resolvePolicy([{ file: 'p', text: withOrigins(origin, lines) }])
    t.strictSame(problems, [])
    t.strictSame(policy?.routes[0]?.cors[0]?.dangerous, [name])
  }
})

t.test('what needs no switch', async t => {
  const fine = [
    'http://localhost',
    'http://localhost:3000',
    'http://foo.localhost',
    'http://*.localhost:*',
    'http://127.127.127.127',
    'http://[::1]:90',
    'capacitor://localhost',
    'https://*.city.kobe.jp',
    'https://*.www.ck',
    'https://*.example.uk.com',
    'https://*.my-app.vercel.app',
    'https://*.shop.example:8443',
  ]
  const rule = ruleOf(withOrigins(fine.map(origin => JSON.stringify(origin)).join(', ')))
  t.equal(rule.origins[0]?.entries.length, fine.length)
  t.ok(ruleOf(withOrigins('http://a.example', '')), 'plain http without credentials')
})

t.test('what lies directly on a public suffix', async t => {
  const suffixes = [
    'com',
    'co.uk',
    'github.io',
    'vercel.app',
    'ide.kyoto.jp',
    'c.kobe.jp',
    'k12.ak.us',
    'xn--55qx5d.cn',
    'uk.com',
    'example',
    's3.amazonaws.com',
    'local',
    'xn--p1ai',
    'pages.dev',
  ]
  for (const suffix of suffixes) {
    const { problems } = resolvePolicy([{ file: 'p', text: withOrigins(`https://*.${suffix}`, '') }])
    t.match(problems, [{ code: 'public-suffix-wildcard' }], suffix)
  }
  for (const [origin, says] of [
    ['https://*.co.uk', '`co.uk`, a public suffix'],
    ['"https://*.glitch.me:8443"', '`glitch.me`, a suffix that strangers share'],
  ] as const) {
    const { problems } = resolvePolicy([{ file: 'p', text: withOrigins(origin, '') }])
    t.match(problems, [{ message: `anyone can register a name below ${says}` }], origin)
  }
})

t.test('methods are what the HTTP parser can receive, in any order, each once', async t => {
  const rule = ruleOf(withRuleOf('allowMethods: [PATCH, GET, PATCH, PROPFIND, OPTIONS]'))
  t.strictSame(rule.allowMethods, ['PATCH', 'GET', 'PROPFIND', 'OPTIONS'])
})

t.test(
  'a set that is named twice counts once, and inline entries are one set at their first place',
  async t => {
    const rule = ruleOf(`${withOrigins('s, https://a.example, r, s, https://b.example')}origins:
  s: [https://c.example]
  r: [https://d.example]
`)
    t.strictSame(
      rule.origins.map(set => [set.name, [...set.entries].map(entry => entry.text)]),
      [
        ['s', ['https://c.example']],
        [undefined, ['https://a.example', 'https://b.example']],
        ['r', ['https://d.example']],
      ],
    )
  },
)

t.test('names from the prototype are names like any other', async t => {
  const policy = load(`version: 1
upstreams: { constructor: { url: http://u } }
origins: { toString: [https://a.example] }
routes:
  - id: hasOwnProperty
    path: /**
    upstream: constructor
    cors: [{ allowOrigins: [toString], allowMethods: [GET] }]
`)
  t.equal(policy.routes[0]?.upstream.origin, 'http://u')
  t.equal(policy.routes[0]?.cors[0]?.origins[0]?.entries.at(0)?.text, 'https://a.example')
  t.equal(Object.getPrototypeOf({}).mode, undefined)
})

t.test('aliases are followed', async t => {
  const policy = load(
    withTop(`  - id: b
    path: /b
    upstream: u
    cors: [&rule { allowOrigins: [https://a.example], allowMethods: &methods [GET, POST] }]
  - { id: c, path: /c, upstream: u, cors: [*rule] }
  - { id: d, path: /d, upstream: u, cors: [{ allowOrigins: [https://d.example], allowMethods: *methods }] }`),
  )
  t.strictSame(policy.routes[2]?.cors[0]?.allowMethods, ['GET', 'POST'])
  t.strictSame(policy.routes[3]?.cors[0]?.allowMethods, ['GET', 'POST'])
  t.strictSame(policy.routes[2]?.cors[0]?.position, policy.routes[1]?.cors[0]?.position)
})

t.test('several files are one policy', async t => {
  const { upstreams, originSets, routes, publicOrigins } = load(
    'version: 1\ndefaults: { mode: report, onDenied: strip }\npublicOrigins: [https://g.example]\n',
    'upstreams: { u: { url: http://u } }\norigins: { s: [https://a.example] }\nroutes:\n  - { id: a, path: /a, upstream: u }\n',
    'version: 1\nupstreams: { v: { url: http://v } }\norigins: { r: [https://b.example] }\n',
    'defaults: { onDenied: strip, mode: report }\nroutes:\n  - { id: b, path: /b, upstream: v, cors: [{ allowOrigins: [s, r], allowMethods: [GET] }] }\n',
  )
  t.strictSame([...upstreams.keys()], ['u', 'v'])
  t.strictSame([...originSets.keys()], ['s', 'r'])
  t.match(routes, [
    { id: 'a', mode: 'report', position: { file: '/etc/crossgate/1.yaml', line: 4 } },
    { id: 'b', onDenied: 'strip', position: { file: '/etc/crossgate/3.yaml', line: 3 } },
  ])
  t.strictSame(publicOrigins, ['https://g.example'])
})

t.test('a file in JSON is a policy too', async t => {
  const json = JSON.stringify({
    version: 1,
    upstreams: { u: { url: 'http://u' } },
    routes: [{ id: 'a', path: '/**', upstream: 'u', cors: [] }],
  })
  t.ok(load(json))
})

t.test('a long list, one entry to a line', async t => {
  const lines = (indentation: string, texts: readonly string[]) =>
    texts.map(text => `${indentation}- ${text}\n`).join('')
  const texts = [
    ...Array.from({ length: 9 }, (_, at) => `https://a${at}.example`),
    '"https://quoted.example"',
    'http://localhost:3000',
    'https://*.wild.example',
    'https://last.example',
  ]
  const policyOf = (set: readonly string[], inline: readonly string[], more = '') =>
    `version: 1
upstreams: { u: { url: http://u.internal } }
origins:
  s:
${lines('    ', set)}routes:
  - id: r
    path: /r
    upstream: u
    cors:
      - allowMethods: [GET]
        allowOrigins:
          - s
${lines('          ', inline)}${more}`

  const { policy, problems } = resolvePolicy([{ file: 'p', text: policyOf(texts, texts) }])
  t.strictSame(problems, [])
  const [named, inline] = policy?.routes[0]?.cors[0]?.origins ?? []
  for (const [set, line, column] of [
    [named, 5, 7],
    [inline, 26, 13],
  ] as const) {
    const found = [...(set?.entries ?? [])]
    t.strictSame(
      found.map(({ text }) => text),
      texts.map(text => text.replaceAll('"', '')),
    )
    t.strictSame(
      found.map(({ position }) => position),
      texts.map((text, at) => ({ file: 'p', line: line + at, column, endColumn: column + text.length })),
    )
    t.equal(found[11]?.pattern.kind, 'wildcard')
  }
  t.match(inline?.position, { line: 26, column: 13 })

  const wrong = texts.toSpliced(3, 1, 'https://a.example:443').toSpliced(7, 1, 'https://*.com')
  t.strictSame(codesOf(policyOf(wrong, texts)), [
    ['origin-default-port', 8],
    ['public-suffix-wildcard', 25],
  ])
  t.strictSame(codesOf(policyOf(texts, wrong)), [
    ['origin-default-port', 29],
    ['public-suffix-wildcard', 33],
  ])
  t.strictSame(
    codesOf(policyOf(texts, texts, lines('  ', texts))).filter(([code]) => code === 'wrong-type'),
    texts.map((_, at) => ['wrong-type', 39 + at]),
    'in a place for something else, each is told',
  )
})

function codesOf(text: string): readonly (readonly [string, number])[] {
  return resolvePolicy([{ file: 'p', text }]).problems.map(({ code, line }) => [code, line])
}

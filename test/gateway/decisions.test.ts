import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { resolve } from 'node:path'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { type Answer, type Ask, preflight, send } from '../helpers/send.js'
import { type RecordingUpstream, startUpstream } from '../helpers/upstream.js'

// Design section 3, end to end: every row of its table against the real process, with an upstream that tries to allow
// everything and records what reaches it.

const SHOP = 'https://www.shop.example'
const EVIL = 'https://evil.example'

const TLS = resolve(import.meta.dirname, '../fixtures/tls')
const fixture = (name: string): Buffer => readFileSync(resolve(TLS, `${name}.pem`))

const policyFor = (upstream: string): string => `
version: 1
upstreams: { api: { url: "${upstream}" } }
origins:
  storefront: [${SHOP}, "https://*.preview.shop.example"]
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors:
      - allowOrigins: [storefront]
        allowMethods: [GET, POST, DELETE]
        allowHeaders: [content-type, authorization]
        exposeHeaders: [x-total]
        allowCredentials: true
        maxAge: 10m
      - allowOrigins: [{ origin: https://old.example, expires: 2020-01-31 }, https://partner.example]
        allowMethods: [GET]
  - { id: lenient, path: /lenient/**, upstream: api, onDenied: strip, cors: [{ allowOrigins: [storefront], allowMethods: [GET] }] }
  - { id: catalog, path: /catalog/**, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET], exposeHeaders: [x-total] }] }
  - { id: watched, path: /watched/**, upstream: api, mode: report, cors: [{ allowOrigins: [storefront], allowMethods: [GET] }] }
  - { id: hidden, path: /hidden/**, upstream: api, forwardOrigin: false, cors: [{ allowOrigins: [storefront], allowMethods: [GET] }] }
  - { id: admin, hosts: [admin.example], path: /**, upstream: api }
  - { id: site, path: /site/**, upstream: api }
`

interface Row {
  readonly what: string
  readonly ask: Ask
  readonly status: number
  /** The recorded reason. */
  readonly reason: string
  readonly forwarded: boolean
  /** Exactly these CORS headers, by name. */
  readonly cors?: Readonly<Record<string, string>>
  readonly vary?: string | undefined
}

const credentialed = {
  'access-control-allow-origin': SHOP,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'x-total',
}
const wholeLists = {
  ...credentialed,
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'content-type, authorization',
  'access-control-max-age': '600',
}
const publicHeaders = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'x-total' }
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
const from = (origin: string, method = 'GET'): Ask => ({ method, headers: { origin } })
const on = (path: string, ask: Ask): Ask => ({ ...ask, path })

const rows: readonly Row[] = [
  {
    what: 'no Origin',
    ask: on('/orders/1', {}),
    status: 200,
    reason: 'not-cors',
    forwarded: true,
    vary: 'Origin',
  },
  {
    what: 'no Origin on a public route',
    ask: on('/catalog/1', {}),
    status: 200,
    reason: 'not-cors',
    forwarded: true,
    cors: publicHeaders,
  },
  {
    what: 'own origin by Sec-Fetch-Site',
    ask: on('/orders', { method: 'PUT', headers: { origin: EVIL, 'sec-fetch-site': 'same-origin' } }),
    status: 200,
    reason: 'same-origin',
    forwarded: true,
    vary: 'Origin',
  },
  {
    what: 'own origin by Host',
    ask: on('/site/form', {
      method: 'POST',
      headers: { host: 'front.example', origin: 'http://front.example' },
    }),
    status: 200,
    reason: 'same-origin',
    forwarded: true,
    vary: 'Origin',
  },
  {
    what: 'own origin, default port spelled out in Host',
    ask: on('/site/form', {
      method: 'POST',
      headers: { host: 'FRONT.example:80', origin: 'http://front.example' },
    }),
    status: 200,
    reason: 'same-origin',
    forwarded: true,
    vary: 'Origin',
  },
  {
    what: 'own host, other scheme, is another origin',
    ask: on('/site/form', {
      method: 'POST',
      headers: { host: 'front.example', origin: 'https://front.example' },
    }),
    status: 403,
    reason: 'origin-not-allowed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'allowed origin and method',
    ask: on('/orders/1', from(SHOP)),
    status: 200,
    reason: 'origin-allowed',
    forwarded: true,
    cors: credentialed,
    vary: 'Origin',
  },
  {
    what: 'HEAD where GET is allowed',
    ask: on('/orders/1', from(SHOP, 'HEAD')),
    status: 200,
    reason: 'origin-allowed',
    forwarded: true,
    cors: credentialed,
    vary: 'Origin',
  },
  {
    what: 'the second rule decides for its own',
    ask: on('/orders/1', from('https://partner.example')),
    status: 200,
    reason: 'origin-allowed',
    forwarded: true,
    cors: { 'access-control-allow-origin': 'https://partner.example' },
    vary: 'Origin',
  },
  {
    what: 'any origin on a public route',
    ask: on('/catalog/1', from(EVIL)),
    status: 200,
    reason: 'public',
    forwarded: true,
    cors: publicHeaders,
  },
  {
    what: 'null on a public route',
    ask: on('/catalog/1', from('null')),
    status: 200,
    reason: 'public',
    forwarded: true,
    cors: publicHeaders,
  },
  {
    what: 'unlisted origin',
    ask: on('/orders/1', from(EVIL)),
    status: 403,
    reason: 'origin-not-allowed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'unlisted origin, unsafe method',
    ask: on('/orders/1', from(EVIL, 'POST')),
    status: 403,
    reason: 'origin-not-allowed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'null origin',
    ask: on('/orders/1', from('null')),
    status: 403,
    reason: 'origin-null',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'malformed origin',
    ask: on('/orders/1', from(`${SHOP}/`)),
    status: 403,
    reason: 'origin-malformed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'two Origin headers',
    ask: on('/orders/1', { headers: { origin: [SHOP, EVIL] } }),
    status: 403,
    reason: 'origin-malformed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'over-long origin',
    ask: on('/orders/1', from(`https://${'a'.repeat(4096)}.example`)),
    status: 403,
    reason: 'origin-malformed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'empty origin',
    ask: on('/orders/1', from('')),
    status: 403,
    reason: 'origin-malformed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'expired origin',
    ask: on('/orders/1', from('https://old.example')),
    status: 403,
    reason: 'origin-expired',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'allowed origin, other method',
    ask: on('/orders/1', from(SHOP, 'PUT')),
    status: 403,
    reason: 'method-not-allowed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'denied, but only stripped',
    ask: on('/lenient/1', from(EVIL, 'POST')),
    status: 200,
    reason: 'origin-not-allowed',
    forwarded: true,
    vary: 'Origin',
  },
  {
    what: 'preflight allowed',
    ask: on('/orders/1', preflight(SHOP, 'DELETE', 'authorization')),
    status: 204,
    reason: 'preflight-allowed',
    forwarded: false,
    cors: wholeLists,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight of a wildcard origin',
    ask: on('/orders/1', preflight('https://pr-7.preview.shop.example', 'GET')),
    status: 204,
    reason: 'preflight-allowed',
    forwarded: false,
    cors: { ...wholeLists, 'access-control-allow-origin': 'https://pr-7.preview.shop.example' },
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight, origin denied',
    ask: on('/orders/1', preflight(EVIL, 'GET')),
    status: 403,
    reason: 'origin-not-allowed',
    forwarded: false,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight, origin denied on a route that strips',
    ask: on('/lenient/1', preflight(EVIL, 'GET')),
    status: 403,
    reason: 'origin-not-allowed',
    forwarded: false,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight, method not allowed: told what is',
    ask: on('/orders/1', preflight(SHOP, 'PATCH')),
    status: 204,
    reason: 'method-not-allowed',
    forwarded: false,
    cors: wholeLists,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight, header not allowed: told what is',
    ask: on('/orders/1', preflight(SHOP, 'POST', 'x-other')),
    status: 204,
    reason: 'header-not-allowed',
    forwarded: false,
    cors: wholeLists,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight, safelisted method not allowed: no list could stop it',
    ask: on('/lenient/1', preflight(SHOP, 'POST')),
    status: 403,
    reason: 'method-not-allowed',
    forwarded: false,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight, header list that is none',
    ask: on('/orders/1', preflight(SHOP, 'POST', 'a b')),
    status: 403,
    reason: 'preflight-malformed',
    forwarded: false,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight over its caps',
    ask: on('/orders/1', preflight(SHOP, 'POST', ...Array.from({ length: 65 }, (_, index) => `x-${index}`))),
    status: 403,
    reason: 'preflight-malformed',
    forwarded: false,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'preflight of our own origin',
    ask: on('/site/x', {
      ...preflight('http://front.example', 'PUT'),
      headers: { ...preflight('http://front.example', 'PUT').headers, host: 'front.example' },
    }),
    status: 204,
    reason: 'same-origin',
    forwarded: false,
    vary: PREFLIGHT_VARY,
  },
  {
    what: 'OPTIONS that is no preflight, method not listed',
    ask: on('/orders/1', from(SHOP, 'OPTIONS')),
    status: 403,
    reason: 'method-not-allowed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'OPTIONS without Origin',
    ask: on('/orders/1', { method: 'OPTIONS' }),
    status: 200,
    reason: 'not-cors',
    forwarded: true,
    vary: 'Origin',
  },
  {
    what: 'a route without rules is same-origin only',
    ask: on('/site/x', from(SHOP)),
    status: 403,
    reason: 'origin-not-allowed',
    forwarded: false,
    vary: 'Origin',
  },
  {
    what: 'no route',
    ask: on('/nowhere', from(SHOP)),
    status: 404,
    reason: 'route-not-found',
    forwarded: false,
  },
  {
    what: 'ambiguous target',
    ask: on('/orders/%2e%2e/site', from(SHOP)),
    status: 400,
    reason: 'target-ambiguous',
    forwarded: false,
  },
]

t.test('every row of the decision table', async t => {
  const upstream = await misconfiguredUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url), flags: ['--audit', 'all'] })
  for (const row of rows) {
    await t.test(row.what, async t => check(t, row, await ask(gateway, upstream, row.ask)))
  }
})

t.test('an unknown host is 421, and only a preflight of a listed one is answered', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: policyFor(upstream.url)
      .replace(/ {2}- \{ id: site.*\n| {2}- \{ id: (lenient|catalog|watched|hidden).*\n/g, '')
      .replace('id: orders', 'id: orders\n    hosts: [api.example]'),
  })
  const known = await send(gateway.port, { path: '/orders/1', headers: { host: 'api.example:8080' } })
  const unknown = await send(gateway.port, { path: '/orders/1', headers: { host: 'rebound.example' } })
  t.equal(known.status, 200)
  t.equal(unknown.status, 421)
  t.match(JSON.parse(unknown.body), { reason: 'host-not-found', status: 421 })
  t.equal(upstream.seen.length, 1)
})

t.test('report mode changes nothing in either direction and records the denial', async t => {
  const upstream = await misconfiguredUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const answer = await send(gateway.port, on('/watched/1', preflight(EVIL, 'DELETE', 'x-any')))
  t.equal(upstream.seen[0]?.method, 'OPTIONS', 'even a preflight goes upstream')
  t.same(answer.lines('access-control-allow-origin'), ['*', EVIL], "the upstream's own headers stand")
  t.same(answer.lines('vary'), [], 'no Vary is added')
  const record = await gateway.record(({ route }) => route === 'watched')
  t.match(record, { event: 'cors.denied', enforced: false, reason: 'origin-not-allowed', status: 200 })
})

t.test('report mode records what the upstream grants to whom, and counts nothing as removed', async t => {
  const upstream = await startUpstream(t, (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    if (request.headers.origin === SHOP) response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Access-Control-Expose-Headers', ['X-Total-Count', 'X-\u00fc'])
    response.end('ok')
  })
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  for (const origin of [SHOP, SHOP, EVIL]) {
    const answer = await send(gateway.port, on('/watched/1', from(origin)))
    t.same(answer.lines('access-control-allow-origin'), [origin], 'it passes')
    t.equal(answer.lines('access-control-expose-headers').length, 2)
  }
  const said = (allowOrigin: string) =>
    gateway.record(
      record => record.event === 'upstream.cors_stripped' && record['allowOrigin'] === allowOrigin,
    )
  const shop = await said(SHOP)
  t.match(shop, {
    route: 'watched',
    enforced: false,
    allowCredentials: true,
    exposeHeaders: /^X-Total-Count, X-(\\x[0-9a-f]{2})+$/,
  })
  t.notOk('allowCredentials' in (await said(EVIL)), 'not to this one')
  const metrics = await (await fetch(`${gateway.admin}/metrics`)).text()
  t.match(metrics, /^crossgate_upstream_stripped_headers_total\{upstream="api"\} 0$/m)
})

t.test('forwardOrigin: false keeps the Origin from the upstream, not from the decision', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const hidden = await send(gateway.port, on('/hidden/1', from(SHOP)))
  const shown = await send(gateway.port, on('/orders/1', from(SHOP)))
  t.equal(hidden.headers['access-control-allow-origin'], SHOP)
  t.equal(shown.headers['access-control-allow-origin'], SHOP)
  t.same(
    upstream.seen.map(({ headers }) => headers.origin),
    [undefined, SHOP],
  )
})

t.test(
  'preserveHost: the upstream gets the Host of the request, and is still the server of its url',
  async t => {
    const names: unknown[] = []
    const secure = createSecureServer(
      { cert: fixture('server'), key: fixture('server-key') },
      (request, response) => {
        names.push([(request.socket as TLSSocket & { servername: unknown }).servername, request.headers.host])
        response.end('ok')
      },
    )
    await new Promise<void>(resolve => secure.listen(0, '127.0.0.1', resolve))
    t.teardown(() => secure.close())
    const { port } = secure.address() as AddressInfo
    const upstream = await startUpstream(t)
    const gateway = await startGateway(t, {
      policy: `version: 1
upstreams:
  own: { url: "${upstream.url}" }
  kept: { url: "${upstream.url}", preserveHost: true }
  tls: { url: "https://localhost:${port}", preserveHost: true, tls: { ca: ${resolve(TLS, 'ca.pem')} } }
routes:
  - { id: own, path: /own, upstream: own }
  - { id: kept, path: /kept, upstream: kept }
  - { id: socket, path: /socket, upstream: kept, websocket: true }
  - { id: tls, path: /tls, upstream: tls }
`,
    })
    const host = 'Api.Shop.example:8443'
    await send(gateway.port, { path: '/own', headers: { host } })
    await send(gateway.port, { path: '/kept', headers: { host, connection: 'host' } })
    await send(gateway.port, {
      path: '/socket',
      headers: { host, origin: `http://${host.toLowerCase()}`, connection: 'upgrade', upgrade: 'websocket' },
    })
    const old = connect(gateway.port, '127.0.0.1')
    old.write('GET /kept HTTP/1.0\r\n\r\n')
    await once(old.resume(), 'close')
    const own = `127.0.0.1:${upstream.port}`
    t.same(
      upstream.seen.map(({ url, headers }) => [url, headers.host, headers['x-forwarded-host']]),
      [
        ['/own', own, host],
        ['/kept', host, host],
        ['/socket', host, host],
        ['/kept', own, undefined],
      ],
      'also of a handshake; one without a Host has none to keep',
    )
    t.equal((await send(gateway.port, { path: '/kept', headers: { host: 'a/b' } })).status, 400)
    t.equal((await send(gateway.port, { path: '/tls', headers: { host } })).status, 200, 'verified')
    t.same(names, [['localhost', host]], 'by the name in the url')
  },
)

t.test('a refusal is a problem with a stable type and never shows the allowlist', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const answer = await send(gateway.port, {
    path: '/orders/1?token=s3cret',
    headers: { origin: 'https://shop.example', 'x-request-id': 'abc-1' },
  })
  t.equal(answer.headers['content-type'], 'application/problem+json')
  t.same(JSON.parse(answer.body), {
    type: 'urn:crossgate:problem:origin-not-allowed',
    title: 'Origin not allowed',
    status: 403,
    reason: 'origin-not-allowed',
    requestId: 'abc-1',
  })
  t.notMatch(JSON.stringify(answer.rawHeaders) + answer.body, /www\.shop/)
  const record = await gateway.record(({ event }) => event === 'cors.denied')
  t.match(record, {
    hint: `missing-www ${SHOP}`,
    path: '/orders/1',
    requestId: 'abc-1',
    status: 403,
    schema: 1,
    kind: 'actual',
  })
  t.notMatch(JSON.stringify(record), /s3cret/)
})

t.test('publicOrigins name the gateway where the connection cannot', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: `${policyFor(upstream.url)}publicOrigins: [https://front.example]\n`,
  })
  const own = await send(
    gateway.port,
    on('/site/x', { method: 'POST', headers: { host: 'front.example', origin: 'https://front.example' } }),
  )
  const byHost = await send(
    gateway.port,
    on('/site/x', { method: 'POST', headers: { host: 'front.example', origin: 'http://front.example' } }),
  )
  t.equal(own.status, 200)
  t.equal(byHost.status, 403, 'and then the Host header says nothing any more')
})

/** Tries to allow everything, in odd spellings and twice. */
function misconfiguredUpstream(t: Test): Promise<RecordingUpstream> {
  return startUpstream(t, (request, response) => {
    response.writeHead(200, [
      'ACCESS-CONTROL-ALLOW-ORIGIN',
      '*',
      'access-control-allow-origin',
      request.headers.origin ?? 'none',
      'Access-Control-Allow-Credentials',
      'true',
      'Access-Control-Made-Up',
      'x',
      'timing-allow-ORIGIN',
      '*',
      'X-Total',
      '7',
    ])
    response.end('ok')
  })
}

async function ask(gateway: TestGateway, upstream: RecordingUpstream, request: Ask) {
  const before = upstream.seen.length
  const recorded = gateway.records.length
  const answer = await send(gateway.port, request)
  const record = await gateway.record(entry => gateway.records.indexOf(entry) >= recorded)
  return {
    answer,
    record,
    reached: upstream.seen.length - before,
    records: gateway.records.length - recorded,
  }
}

function check(
  t: Test,
  row: Row,
  { answer, record, reached, records }: Awaited<ReturnType<typeof ask>>,
): void {
  t.equal(answer.status, row.status, 'status')
  t.equal(record.reason, row.reason, 'recorded reason')
  t.equal(record.status, row.status, 'recorded status')
  t.equal(records, 1, 'one record')
  t.equal(reached, row.forwarded ? 1 : 0, 'requests that reached the upstream')
  t.same(corsOf(answer), row.cors ?? {}, 'CORS headers')
  t.equal(answer.headers.vary, row.vary, 'Vary')
}

function corsOf(answer: Answer): Record<string, string> {
  return Object.fromEntries(answer.cors().map(name => [name, answer.lines(name).join(' and ')]))
}

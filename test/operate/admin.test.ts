import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { parse } from 'yaml'
import { openAdminPort } from '../../src/admin/admin-port.js'
import { flood } from '../helpers/flood.js'
import { freePort } from '../helpers/free-port.js'
import { runCli, startGateway, type TestGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { promise, WHOLE } from '../torture/promise.js'

const ALLOWED = 'https://www.shop.example'
const POLICY = (upstream: string): string => `version: 1
upstreams:
  api: { url: ${upstream} }
origins:
  storefront:
    - { origin: ${ALLOWED}, owner: shop@shop.example, reason: "<b>not bold</b>" }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors:
      - allowOrigins: [storefront]
        allowMethods: [GET]
        allowHeaders: [content-type]
`

async function start(t: Parameters<typeof startGateway>[0], flags: readonly string[] = []) {
  const upstream = await startUpstream(t, (_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('ok')
  })
  const gateway = await startGateway(t, { policy: POLICY(upstream.url), flags })
  return { upstream, gateway }
}

async function exposition(gateway: TestGateway): Promise<string> {
  return (await fetch(`${gateway.admin}/metrics`)).text()
}

function seriesOf(text: string): string[] {
  const names = text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => line.slice(0, line.lastIndexOf(' ')))
  return names.filter(name => name.startsWith('crossgate_'))
}

const get = (gateway: TestGateway, path: string) => fetch(`${gateway.admin}${path}`)

promise('M1', async (t, row) => {
  const { gateway } = await start(t, ['--audit-window', '60s', '--max-requests-per-socket', '100000000'])
  const methods = ['GET', 'PUT', 'PATCH', 'PURGE', 'QUERY', 'PROPFIND']
  const ask = (n: number): string =>
    `${methods[n % methods.length]} /orders/${n} HTTP/1.1\r\nHost: h${n}.example\r\nOrigin: https://o${n}.example\r\nContent-Length: 0\r\n\r\n`
  await flood({ port: gateway.port, requests: 50, request: ask })
  await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } })
  const before = seriesOf(await exposition(gateway))
  const total = WHOLE ? 100_000 : 20_000
  await flood({ port: gateway.port, requests: total, request: ask })
  for (const path of ['/nowhere', '/nowhere/2']) await send(gateway.port, { path })
  const after = seriesOf(await exposition(gateway))
  const added = after.filter(name => !before.includes(name))
  t.same(added, [
    'crossgate_decisions_total{route="",kind="not-cors",outcome="denied",reason="route-not-found"}',
  ])
  row.tried(total)
  row.figure(
    `${total.toLocaleString('en')} origins, paths and hosts, 6 methods: ${before.length} series before, ${after.length} after; the one more is of the first request without a route`,
  )
})

promise('M2', async (t, row) => {
  const { gateway } = await start(t)
  for (const path of [
    '/healthz',
    '/readyz',
    '/metrics',
    '/policy',
    '/denials',
    '/events',
    '/console.css',
    '/',
  ]) {
    t.equal((await send(gateway.port, { path })).status, 404, path)
  }
  const { stdout } = await runCli(['serve', '--help'])
  t.match(stdout.replace(/\s+/g, ' '), /--admin <HOST:PORT> .*CROSSGATE_ADMIN; default: 127\.0\.0\.1:9901/)
  row.tried(8)
  row.figure(
    '8 admin paths on the public port: 404; the admin listener on 127.0.0.1:9901 unless told otherwise',
  )
})

t.test('probes, policy and metrics', async t => {
  const { gateway } = await start(t)
  t.equal(await (await get(gateway, '/healthz')).text(), 'ok\n')
  t.equal(await (await get(gateway, '/readyz')).text(), 'ready\n')
  const answers = await Promise.all([
    send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } }),
    send(gateway.port, { path: '/orders/1', headers: { origin: 'http://www.shop.example' } }),
  ])
  t.same(
    answers.map(({ status }) => status),
    [200, 403],
  )
  const text = await exposition(gateway)
  t.match(
    text,
    /crossgate_decisions_total\{route="orders",kind="actual",outcome="allowed",reason="origin-allowed"\} 1\n/,
  )
  t.match(
    text,
    /crossgate_decisions_total\{route="orders",kind="actual",outcome="denied",reason="origin-not-allowed"\} 1\n/,
  )
  t.match(text, /crossgate_upstream_stripped_headers_total\{upstream="api"\} 1\n/)
  t.match(text, /crossgate_upstream_requests_total\{upstream="api",result="complete"\} 1\n/)
  t.match(text, /crossgate_requests_in_flight 0\n/)
  t.match(text, /crossgate_policy_reload_last_success 1\n/)
  const state = (await (await get(gateway, '/policy')).json()) as { policyRevision: string }
  t.equal(state.policyRevision, gateway.records[0]!.policyRevision)
  t.match(text, `crossgate_policy_info{revision="${state.policyRevision}"} 1`)
})

t.test('request and trace ids: passed on where they can be read, made where not, and recorded', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: POLICY(upstream.url), flags: ['--audit', 'all'] })
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const given = {
    traceparent: `00-${trace}-b7ad6b7169203331-01`,
    tracestate: 'a=1',
    'x-request-id': 'mine-1',
  }
  await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED, ...given } })
  t.match(upstream.seen[0]!.headers, given, 'as received')
  t.match(await gateway.record(({ event }) => event === 'cors.allowed'), {
    traceId: trace,
    requestId: 'mine-1',
  })
  const bad = ['', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff-${trace}-b7ad6b7169203331-01`]
  for (const traceparent of bad) {
    const headers = { origin: ALLOWED, traceparent, tracestate: 'a=1', 'x-request-id': 'x y' }
    await send(gateway.port, { path: '/orders/1', headers })
    const seen = upstream.seen.at(-1)!.headers
    const [, made] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(String(seen.traceparent)) ?? []
    t.ok(made, `made instead of "${traceparent}"`)
    t.equal(seen.tracestate, undefined, 'the state of a broken trace is dropped')
    t.ok(
      await gateway.record(
        ({ traceId, requestId }) => traceId === made && requestId === seen['x-request-id'],
      ),
    )
  }
})

t.test('tracing without its package: said, exit 1, no port', async t => {
  const { gateway } = await start(t)
  const flags = ['--policy', `${gateway.dir}/policy.yaml`, '--listen', '127.0.0.1:0', '--admin', 'off']
  for (const workers of ['1', '2']) {
    const { code, stderr } = await runCli(['serve', ...flags, '--tracing', 'otel', '--workers', workers])
    t.equal(code, 1)
    t.match(stderr, /^crossgate: --tracing otel needs @fastify\/otel: npm install.*\n$/, `${workers} workers`)
  }
})

t.test('only reads, only under its own names', async t => {
  const { gateway } = await start(t, ['--admin-hosts', 'admin.internal'])
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await fetch(`${gateway.admin}/policy`, { method })
    t.equal(answer.status, 405, method)
    t.equal(answer.headers.get('allow'), 'GET, HEAD')
  }
  const head = await fetch(`${gateway.admin}/metrics`, { method: 'HEAD' })
  t.equal(await head.text(), '')
  t.ok(Number(head.headers.get('content-length')) > 100)
  const under = (host: string) =>
    new Promise<number>(resolve => {
      const { port } = new URL(gateway.admin)
      request({ port, host: '127.0.0.1', path: '/denials', headers: { host } }, answer => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      }).end()
    })
  for (const host of ['localhost:9901', '127.0.0.1', '[::1]:9901', '10.1.2.3:9901', 'Admin.Internal:80']) {
    t.equal(await under(host), 200, host)
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'admin.internal.evil.example',
    '[fe80::1%evil.example]',
    'fe80::1%evil.example',
  ]) {
    t.equal(await under(host), 421, host)
  }
})

t.test('every page: whole, escaped, under a strict policy, and of use without a script', async t => {
  const { gateway } = await start(t)
  await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } })
  await send(gateway.port, { path: '/orders/1', headers: { origin: 'http://www.shop.example' } })
  await send(gateway.port, {
    path: '/orders/%3Cimg%3E',
    headers: { origin: 'https://<script>alert(1)</script>' },
  })
  const pages: Record<string, readonly RegExp[]> = {
    '/': [
      /Latest denials/,
      /near miss: the same host with another scheme is allowed: https:\/\/www\.shop\.example/,
    ],
    '/denials': [/origin-not-allowed/, /https:\/\/&lt;script&gt;/],
    '/routes': [/policy\.yaml:\d+/, /shop@shop\.example/, /&lt;b&gt;not bold/],
    '/upstreams': [/access-control-allow-origin/, /Tried to allow/],
    '/reloads': [/The policy this process started with/],
    '/try?origin=http://www.shop.example&url=https://api.example/orders/1&method=PUT&headers=x-a': [
      /Denied: Origin not allowed/,
      /Near miss: the same host with another scheme is allowed: https:\/\/www\.shop\.example/,
      /The preflight/,
      /never sent/,
    ],
    [`/try?origin=${ALLOWED}&url=https://api.example/orders/1&method=GET&headers=content-type`]: [
      />Allowed: /,
      /Access-Control-Allow-Headers: content-type/,
    ],
    [`/try?origin=${ALLOWED}&url=https://api.example/orders/1&method=get`]: [
      />Allowed: /,
      /Browsers send get as GET\.[\s\S]*No preflight/,
    ],
    [`/try?origin=${ALLOWED}&url=https://api.example/orders/1&method=patch`]: [
      /Denied: 400, before any policy is asked/,
      /Patch is not PATCH: methods are case-sensitive/,
    ],
    '/try?url=nonsense': [/The url is a whole address, such as [^<]*, not &quot;nonsense&quot;\./],
  }
  for (const [path, patterns] of Object.entries(pages)) {
    const answer = await get(gateway, path)
    const text = await answer.text()
    t.equal(answer.status, 200, path)
    t.match(
      answer.headers.get('content-security-policy'),
      /default-src 'none'; style-src 'self'; script-src 'self'/,
    )
    t.notMatch(
      text,
      /<script>|<b>not bold|style=|https?:\/\/[^ "<]*\.(css|js)/,
      `${path}: escaped, nothing inline or foreign`,
    )
    for (const pattern of patterns) t.match(text, pattern, path)
  }
  t.equal((await get(gateway, '/nope')).status, 404)
})

t.test(
  'a route that only reports is not shown as one that refuses, and a WebSocket is tried as one',
  async t => {
    const { gateway } = await start(t)
    writeFileSync(
      `${gateway.dir}/policy.yaml`,
      `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes:
  - { id: trial, path: /trial/**, upstream: api, mode: report }
  - { id: strips, path: /strips/**, upstream: api, onDenied: strip }
  - id: live
    path: /live
    upstream: api
    websocket: true
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET] }]
`,
    )
    await gateway.record(({ event, trigger }) => event === 'policy.loaded' && trigger !== 'start')
    const text = async (path: string) => (await get(gateway, path)).text()
    const routes = await text('/routes')
    t.match(routes, /Nothing of this is enforced: every request but a WebSocket’s passes unchanged/)
    t.match(routes, /Every other origin would be denied\./)
    t.match(routes, /No page of another origin can read an answer\./)
    t.notMatch(routes, /is refused\./)
    const ask = (url: string, origin: string) => text(`/try?${new URLSearchParams({ url, origin })}`)
    const trial = await ask('https://api.example/trial/1', ALLOWED)
    t.match(
      trial,
      /Would be denied; this route only reports[\s\S]*Recorded, and passed through[\s\S]*its own CORS headers say/,
    )
    t.match(trial, /the upstream’s as it is, with the CORS headers that it sends/)
    t.notMatch(trial, /no others/)
    t.match(await ask('https://api.example/strips/1', ALLOWED), /the upstream’s, with no CORS headers</)
    const socket = await ask('wss://api.example/live', ALLOWED)
    t.match(socket, /Allowed: [\s\S]*the page has its WebSocket[\s\S]*The handshake/)
    t.match(await ask('wss://api.example/live', 'https://evil.example'), /Denied: Origin not allowed/)
    t.match(await ask('wss://api.example/strips/1', ALLOWED), /Denied: WebSocket not enabled/)
    t.match(await text('/try?url=wss://api.example/live&method=POST'), /handshake of a WebSocket is a GET/)
  },
)

t.test('a request that could not be read is said to be one, and offers no explanation', async t => {
  const { gateway } = await start(t)
  const client = connect(gateway.port, '127.0.0.1')
  client.end(`GET /orders/1 HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`)
  client.on('error', () => {})
  await gateway.record(({ reason }) => reason === 'too-many-headers')
  for (const path of ['/', '/denials']) {
    const text = await (await get(gateway, path)).text()
    t.match(text, /not read<[\s\S]*Its head could not be read<[\s\S]*from 127\.0\.0\.1 · 431/, path)
    t.notMatch(text, /href="\/try\?/, path)
  }
})

t.test('readiness fails as soon as it stops, while requests still end', async t => {
  let release = (): void => {}
  const upstream = await startUpstream(t, (_, response) => {
    release = () => response.end('late')
  })
  const gateway = await startGateway(t, { policy: POLICY(upstream.url) })
  const late = send(gateway.port, { path: '/orders/1' })
  while (upstream.seen.length === 0) await new Promise(resolve => setImmediate(resolve))
  const stopped = gateway.stop()
  let status = 200
  while (status === 200) status = (await get(gateway, '/readyz')).status
  t.equal(status, 503)
  release()
  t.equal((await late).body, 'late')
  t.equal(await stopped, 0)
})

for (const workers of ['1', '2']) {
  t.test(`a taken admin port is said before anything serves: ${workers} workers`, async t => {
    const { gateway } = await start(t)
    const admin = new URL(gateway.admin).host
    const port = await freePort()
    const flags = ['--policy', `${gateway.dir}/policy.yaml`, '--listen', `127.0.0.1:${port}`]
    const run = runCli(['serve', ...flags, '--admin', admin, '--workers', workers])
    let ended = false
    void run.then(() => {
      ended = true
    })
    let connected = 0
    while (!ended) if (await connects(port)) connected++
    const { code, stderr } = await run
    t.equal(code, 1)
    t.match(
      stderr,
      /^crossgate: cannot listen on 127\.0\.0\.1:\d+: another process has this port\. Say another one with --admin .*; --admin off is none\n$/,
    )
    t.equal(connected, 0, 'nobody found the public port open')
  })
}

function connects(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

t.test('the admin port says that it waits, until there is something to see', async t => {
  const server = await openAdminPort({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
  t.same([answer.status, await answer.text()], [503, 'The gateway is starting.\n'])
})

t.test('dashboard and alerts speak of metrics that exist, with labels that they have', async t => {
  const { gateway } = await start(t, ['--workers', '2'])
  for (const origin of [ALLOWED, 'https://evil.example']) {
    await send(gateway.port, { path: '/orders/1', headers: { origin } })
  }
  const text = await exposition(gateway)
  const exposed = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [, name = '', labels = ''] = /^([a-z0-9_:]+)(?:\{(.*)\})? /.exec(line) ?? []
    const known = exposed.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    exposed.set(name, known)
  }
  const root = resolve(import.meta.dirname, '../..')
  const dashboard = JSON.parse(readFileSync(`${root}/deploy/grafana-dashboard.json`, 'utf8'))
  const alerts = parse(readFileSync(`${root}/deploy/prometheus-alerts.yaml`, 'utf8'))
  const panels = dashboard.panels.flatMap((panel: { targets?: { expr: string }[] }) => panel.targets ?? [])
  const rules = alerts.groups.flatMap((group: { rules: unknown[] }) => group.rules)
  const expressions: string[] = [...panels, ...rules].map(({ expr }: { expr: string }) => expr)
  t.ok(expressions.length >= 15, `${expressions.length} expressions`)
  for (const expr of expressions) {
    for (const [, name = '', selector = ''] of expr.matchAll(
      /\b((?:crossgate|process|nodejs)_\w+)(?:\{([^}]*)\})?/g,
    )) {
      const labels = exposed.get(name)
      t.ok(labels !== undefined, `${name} in ${expr}`)
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=|!=|=~|!~)"/g))
        t.ok(label === 'job' || labels?.has(label), `${name} has ${label}`)
    }
  }
  const operating = readFileSync(`${root}/docs/operating.md`, 'utf8')
  for (const { alert, annotations, labels } of rules as {
    alert: string
    annotations: object
    labels: object
  }[]) {
    t.match(annotations, { summary: String, description: String }, alert)
    t.match(labels, { severity: /^(warning|critical)$/ }, alert)
    t.ok(operating.includes(`\`${alert}\``), `docs/operating.md says what to do about ${alert}`)
  }
})

t.test('every series has its row in docs/metrics.md, and every row its series', async t => {
  const one = await start(t)
  const two = await start(t, ['--workers', '2'])
  const sampled = new Set<string>()
  const exposed = new Map<string, Set<string>>()
  for (const { gateway } of [one, two]) {
    for (const origin of [ALLOWED, 'https://evil.example']) {
      await send(gateway.port, { path: '/orders/1', headers: { origin } })
    }
    await untilCollected(gateway)
    for (const line of (await exposition(gateway)).split('\n')) {
      const [, name] = /^# TYPE (\w+)/.exec(line) ?? []
      if (name !== undefined && !exposed.has(name)) exposed.set(name, new Set())
      const [, series = '', labels = ''] = /^([a-z]\w+)(?:\{(.*)\})? /.exec(line) ?? []
      const family = exposed.has(series) ? series : series.replace(/_(bucket|sum|count)$/, '')
      sampled.add(family)
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g))
        if (label !== 'le') exposed.get(family)?.add(label)
    }
  }
  const docs = readFileSync(resolve(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const rows = new Map<string, Set<string>>()
  for (const [, names = '', labels = ''] of docs.matchAll(/^\| (`.*?) \| (.*?)\|/gm)) {
    const row = new Set(labels.split(',').flatMap(label => label.trim() || []))
    for (const [, name = ''] of names.matchAll(/`(\w+)`/g)) rows.set(name, row)
  }
  // Where there is no sample at this moment, the row's word is taken for the labels.
  for (const name of exposed.keys()) if (!sampled.has(name)) exposed.set(name, rows.get(name) ?? new Set())
  const written = (all: Map<string, Set<string>>) =>
    [...all].map(([name, labels]) => `${name}{${[...labels].sort()}}`).sort()
  t.same(written(rows), written(exposed))
})

// A pause for garbage collection makes a series; it comes when it comes.
async function untilCollected(gateway: TestGateway): Promise<void> {
  while (!(await exposition(gateway)).includes('nodejs_gc_duration_seconds_count{')) {
    await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } })
  }
}

t.test('an open WebSocket is counted, on the console too, and while it drains; the end is seen', async t => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const policy = POLICY(`http://127.0.0.1:${port}`).replace(
    'path: /orders',
    'websocket: true\n    path: /orders',
  )
  const check = async (more: readonly string[]): Promise<void> => {
    const gateway = await startGateway(t, { policy, flags: ['--drain-delay', '2s', ...more] })
    const open = async () => {
      const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/orders/live`, { origin: ALLOWED })
      await once(client, 'open')
      return client
    }
    const count = async () => Number(/crossgate_websockets_open (\d+)/.exec(await exposition(gateway))?.[1])
    t.equal(await count(), 0)
    const clients = [await open(), await open(), await open()]
    t.equal(await count(), 3)
    t.match(await exposition(gateway), /crossgate_requests_in_flight 0\n/, 'they are no requests')
    t.match(await (await get(gateway, '/')).text(), /<b>3<\/b><span>WebSockets open/)
    clients[0]!.terminate()
    while ((await count()) !== 2) await sleep(10)
    const gone = clients.slice(1).map(client => once(client, 'close'))
    const stopped = gateway.stop()
    while ((await get(gateway, '/readyz')).status === 200) await sleep(10)
    t.equal(await count(), 2, 'still there')
    t.match(await (await get(gateway, '/')).text(), />stopping<[\s\S]*<b>2<\/b><span>WebSockets open/)
    t.same(
      (await Promise.all(gone)).map(([code]) => code),
      [1001, 1001],
    )
    t.equal(await stopped, 0)
  }
  await Promise.all([check([]), check(['--workers', '2'])])
})

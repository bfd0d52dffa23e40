import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { dryRun } from '../../src/gateway/dry-run/dry-run.js'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'
import type { CompiledPolicy } from '../../src/policy/compiled/compiled-policy.js'
import { startGateway } from '../helpers/gateway.js'
import { generatedRoutes, METHODS, ORIGINS, PATHS } from '../policy/generated-policy.js'

const POLICIES = 300
const REQUESTS = 10_000
/** In the second half of the pairs: of hosts that there are, of one under its other scheme, and of one that a proxy hides. */
const PUBLIC_ORIGINS = [
  ...Array.from({ length: 100 }, (_, number) => `http://p${number}.example`),
  'https://p150.example',
  'https://front.example',
]

t.test(`explain and a live gateway agree on ${REQUESTS} pairs of policy and request`, async t => {
  const upstream = createServer((_request, response) => response.end('ok'))
  upstream.on('upgrade', (_request, socket) => {
    socket
      .on('error', () => {})
      .end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  t.teardown(() => upstream.close())
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`

  const seen = new Map<string, number>()
  for (const [part, publicOrigins] of [undefined, PUBLIC_ORIGINS].entries()) {
    const requests = fc.sample(generatedRequest, { numRuns: REQUESTS / 2, seed: 3 + part })
    const { differences, dones } = await compare(t, manyPolicies(url, publicOrigins), requests)
    t.strictSame(differences.slice(0, 3), [], `${differences.length} differ`)
    for (const { kind, reason, status, mode } of dones) {
      for (const key of [reason, `${kind} ${reason}`, `${kind} ${status}`, `${part} ${reason}`, `${mode}`])
        seen.set(String(key), (seen.get(String(key)) ?? 0) + 1)
    }
  }
  for (const [what, least] of REACHED) t.ok((seen.get(what) ?? 0) >= least, `${what}: ${seen.get(what) ?? 0}`)
})

/** What the pairs must reach, and how often at least. */
const REACHED: readonly (readonly [what: string, least: number])[] = [
  ...['preflight-allowed', 'preflight-malformed', 'header-not-allowed', 'origin-allowed', 'public'],
  ...['origin-not-allowed', 'origin-expired', 'origin-malformed', 'method-not-allowed', 'target-ambiguous'],
  ...['route-not-found', 'host-not-found', 'not-cors', 'same-origin', '0 same-origin', '1 same-origin'],
  ...['websocket 101', 'websocket 403', 'websocket origin-allowed', 'websocket websocket-not-enabled'],
  ...['websocket origin-not-allowed', 'websocket origin-missing', 'websocket same-origin'],
  ...['cross-site-load', 'cross-site-navigation'],
  // A denied request that passes: reported, or stripped.
  ...['reported', 'stripped'],
].map(what => [what, 15] as const)

async function compare(t: Test, text: string, requests: readonly Asked[]) {
  const { policy } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  if (policy === undefined) throw new Error('the generated policies do not load')
  const gateway = await startGateway(t, { policy: text, flags: ['--audit', 'all'] })
  const agents = {
    plain: new Agent({ keepAlive: true, maxSockets: 32 }),
    upgrade: new Agent({ keepAlive: false, maxSockets: 32 }),
  }
  const answers = await Promise.all(
    requests.map((asked, id) =>
      send(gateway.port, asked.websocket ? agents.upgrade : agents.plain, asked, id),
    ),
  )
  for (const agent of Object.values(agents)) agent.destroy()
  await gateway.record(() => gateway.records.length > requests.length)
  const records = new Map(gateway.records.map(record => [record['requestId'], record]))

  const differences: unknown[] = []
  const dones = []
  for (const [id, asked] of requests.entries()) {
    const said = await explained(policy, asked, id)
    const record = records.get(`r${id}`)
    const done = {
      outcome: record?.['outcome'],
      reason: record?.['reason'],
      route: record?.['route'],
      rule: record?.['rule'],
      ...answers[id],
    }
    const passed = done.outcome === 'denied' && done.status === 200
    const mode = passed ? (record?.['enforced'] === false ? 'reported' : 'stripped') : ''
    dones.push({ ...done, kind: record?.['kind'], mode })
    if (JSON.stringify(said) !== JSON.stringify(done)) differences.push({ asked, said, done })
  }
  await gateway.stop()
  return { differences, dones }
}

interface Asked {
  readonly host: string
  readonly path: string
  readonly method: string
  readonly websocket: boolean
  readonly headers: readonly (readonly [string, string])[]
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq })

const generatedRequest: fc.Arbitrary<Asked> = fc
  .record({
    host: fc.oneof(
      { weight: 30, arbitrary: fc.nat(POLICIES - 1).map(number => `p${number}.example`) },
      { weight: 1, arbitrary: fc.constantFrom('unknown.example', 'P1.EXAMPLE:8080', 'two words') },
    ),
    path: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...PATHS) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '/a/../b',
          '/a%2Fb',
          '/a/b;x=1',
          '//a',
          '/a?x=1',
          '/%61',
          '/a\\b',
          'http://p1.example/a',
        ),
      },
    ),
    origin: maybe(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...ORIGINS) },
        { weight: 1, arbitrary: fc.constant('own') },
        { weight: 1, arbitrary: fc.constantFrom(...PUBLIC_ORIGINS) },
      ),
      9,
    ),
    method: fc.constantFrom(...METHODS, 'OPTIONS', 'TRACE'),
    preflight: maybe(fc.constantFrom(...METHODS, '*', 'TRACE', 'b d')),
    asked: maybe(fc.constantFrom('x-a', 'x-b,x-a', ' X-A , ,x-b', 'authorization', 'x-z', 'x a', '*')),
    site: maybe(fc.constantFrom('same-origin', 'cross-site', 'same-site')),
    mode: fc.constantFrom('navigate', 'no-cors', 'cors'),
    dest: fc.constantFrom('document', 'image', 'embed', 'empty'),
    websocket: fc.integer({ min: 0, max: 7 }).map(number => number === 0),
  })
  .map(({ host, path, origin, method, preflight, asked, site, mode, dest, websocket }) => {
    const headers: [string, string][] = []
    if (origin !== undefined) headers.push(['Origin', origin === 'own' ? `http://${host}` : origin])
    if (websocket) {
      headers.push(['Connection', 'Upgrade'], ['Upgrade', 'websocket'])
      headers.push(['Sec-WebSocket-Version', '13'], ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='])
      return { host, path, method: 'GET', websocket, headers }
    }
    if (preflight !== undefined) headers.push(['Access-Control-Request-Method', preflight])
    if (preflight !== undefined && asked !== undefined)
      headers.push(['Access-Control-Request-Headers', asked])
    if (site !== undefined && /[057]\.example$/.test(host)) {
      headers.push(['Sec-Fetch-Site', site], ['Sec-Fetch-Mode', mode], ['Sec-Fetch-Dest', dest])
    }
    return { host, path, method: preflight === undefined ? method : 'OPTIONS', websocket, headers }
  })

function manyPolicies(url: string, publicOrigins: readonly string[] | undefined): string {
  const policies = fc.sample(generatedRoutes, { numRuns: POLICIES, seed: 7 })
  const routes = policies.flatMap((own, number) =>
    own.map((route, index) => ({
      ...route,
      id: `p${number}-${route.id}`,
      hosts: [`p${number}.example`],
      websocket: (number + index) % 3 !== 0,
      ...(number % 5 === 0 && { fetchMetadata: 'isolate' }),
    })),
  )
  return JSON.stringify(
    { version: 1, upstreams: { u: { url, connections: 64, queue: 10_000 } }, routes, publicOrigins },
    null,
    1,
  )
}

function lines({ host, headers }: Asked, id: number): readonly (readonly [string, string])[] {
  return [['Host', host], ['X-Request-Id', `r${id}`], ...headers]
}

async function explained(policy: CompiledPolicy, asked: Asked, id: number) {
  const head = lines(asked, id)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const bytes = `${asked.method} ${asked.path} HTTP/1.1\r\n${head}\r\n`
  const limits = { maxHeaders: 100, maxHeaderBytes: 16_384 }
  const run = await dryRun(policy, { bytes, scheme: 'http' }, limits, Date.now())
  if (run.unreadable !== undefined) return { unreadable: run.unreadable }
  const { evaluation, headers } = run.explanation
  const { decision, route } = evaluation
  return {
    outcome: decision.outcome,
    reason: decision.reason,
    route: route?.id,
    rule: decision.rule?.index,
    // Whoever is not answered here is answered by the upstream.
    status: decision.status || (asked.websocket ? 101 : 200),
    headers: pairs(headers).sort(),
  }
}

function send(
  port: number,
  agent: Agent,
  asked: Asked,
  id: number,
): Promise<{ status: number; headers: string[] }> {
  return new Promise((resolve, reject) => {
    const { method, path } = asked
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      agent,
      method,
      path,
      headers: lines(asked, id).flat() as never,
    })
    const answer = ({ statusCode = 0, rawHeaders }: IncomingMessage) => ({
      status: statusCode,
      headers: pairs(rawHeaders).filter(isOurs).sort(),
    })
    sent.on('response', response => response.resume().on('end', () => resolve(answer(response))))
    sent.on('upgrade', (response, socket) => {
      socket.on('error', () => {}).destroy()
      resolve(answer(response))
    })
    sent.on('error', reject)
    sent.end()
  })
}

function pairs(flat: readonly string[]): string[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => `${flat[2 * index]}: ${flat[2 * index + 1]}`)
}

function isOurs(line: string): boolean {
  return /^(?:access-control-|timing-allow-origin|vary)/i.test(line)
}

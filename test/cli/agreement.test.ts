import { Agent, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { dryRun } from '../../src/gateway/dry-run.js'
import { loadPolicyFiles } from '../../src/gateway/load-policy.js'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.js'
import { explain } from '../../src/policy/explain/explain.js'
import { startGateway } from '../helpers/gateway.js'
import { generatedRoutes, METHODS, ORIGINS, PATHS } from '../policy/generated-policy.js'

const POLICIES = 300
const REQUESTS = 10_000

t.test(`explain and a live gateway agree on ${REQUESTS} pairs of policy and request`, async t => {
  const upstream = createServer((_request, response) => response.end('ok'))
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  t.teardown(() => upstream.close())
  const text = manyPolicies(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`)
  const { policy } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  if (policy === undefined) return t.fail('the generated policies load')

  const gateway = await startGateway(t, { policy: text, flags: ['--audit', 'all'] })
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  t.teardown(() => agent.destroy())
  const requests = fc.sample(generatedRequest, { numRuns: REQUESTS, seed: 3 })
  const answers = await Promise.all(requests.map((asked, id) => send(gateway.port, agent, asked, id)))
  await gateway.record(() => gateway.records.length > REQUESTS)
  const records = new Map(gateway.records.map(record => [record['requestId'], record]))

  const seen = new Map<string, number>()
  const differences: unknown[] = []
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
    seen.set(String(done.reason), (seen.get(String(done.reason)) ?? 0) + 1)
    if (JSON.stringify(said) !== JSON.stringify(done)) differences.push({ asked, said, done })
  }
  t.strictSame(differences.slice(0, 3), [], `${differences.length} differ`)
  for (const reason of [
    'preflight-allowed',
    'preflight-malformed',
    'header-not-allowed',
    'origin-allowed',
    'public',
  ])
    t.ok((seen.get(reason) ?? 0) > 20, `${reason} is reached`)
  t.ok(
    seen.size >= 14,
    `the pairs reach ${seen.size} reasons: ${[...seen].map(([reason, count]) => `${reason} ${count}`).join(', ')}`,
  )
})

interface Asked {
  readonly host: string
  readonly path: string
  readonly method: string
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
      ),
      9,
    ),
    method: fc.constantFrom(...METHODS, 'OPTIONS', 'TRACE'),
    preflight: maybe(fc.constantFrom(...METHODS, '*', 'TRACE', 'b d')),
    asked: maybe(fc.constantFrom('x-a', 'x-b,x-a', ' X-A , ,x-b', 'authorization', 'x-z', 'x a', '*')),
    site: maybe(fc.constantFrom('same-origin', 'cross-site')),
  })
  .map(({ host, path, origin, method, preflight, asked, site }) => {
    const headers: [string, string][] = []
    if (origin !== undefined) headers.push(['Origin', origin === 'own' ? `http://${host}` : origin])
    if (preflight !== undefined) headers.push(['Access-Control-Request-Method', preflight])
    if (preflight !== undefined && asked !== undefined)
      headers.push(['Access-Control-Request-Headers', asked])
    if (site !== undefined && host.endsWith('7.example')) headers.push(['Sec-Fetch-Site', site])
    return { host, path, method: preflight === undefined ? method : 'OPTIONS', headers }
  })

function manyPolicies(url: string): string {
  const policies = fc.sample(generatedRoutes, { numRuns: POLICIES, seed: 7 })
  const routes = policies.flatMap((own, number) =>
    own.map(route => ({ ...route, id: `p${number}-${route.id}`, hosts: [`p${number}.example`] })),
  )
  return JSON.stringify(
    { version: 1, upstreams: { u: { url, connections: 64, queue: 10_000 } }, routes },
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
  const now = Date.now()
  const run = await dryRun(policy, `${asked.method} ${asked.path} HTTP/1.1\r\n${head}\r\n`, {
    scheme: 'http',
    maxHeaders: 100,
    maxHeaderBytes: 16_384,
    now,
  })
  if (run.unreadable !== undefined) return { unreadable: run.unreadable }
  const { evaluation, headers } = explain(
    policy,
    run.facts,
    run.evaluation,
    { method: asked.method, headers: [] },
    now,
  )
  const { decision, route } = evaluation
  return {
    outcome: decision.outcome,
    reason: decision.reason,
    route: route?.id,
    rule: decision.rule?.index,
    // Whoever is not answered here is answered by the upstream, with 200.
    status: decision.status || 200,
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
    const sent = httpRequest(
      { host: '127.0.0.1', port, agent, method, path, headers: lines(asked, id).flat() as never },
      response => {
        response.resume()
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: pairs(response.rawHeaders).filter(isOurs).sort(),
          }),
        )
      },
    )
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

import fc from 'fast-check'
import t from 'tap'
import { loadPolicyFiles } from '../../../src/gateway/loading/load-policy.js'
import type { CompiledPolicy } from '../../../src/policy/compiled/compiled-policy.js'
import type { Change } from '../../../src/policy/diff/change.js'
import { diffPolicies } from '../../../src/policy/diff/diff-policies.js'
import { policyChanges } from '../../../src/policy/diff/policy-changes.js'
import { evaluate } from '../../../src/policy/evaluate.js'
import { generatedPolicy, HOSTS, METHODS, ORIGINS, PATHS } from '../generated-policy.js'

const NOW = Date.parse('2027-01-01T00:00:00Z')

t.test('the diff and brute force agree on every origin, route and method', async t => {
  let compared = 0
  let changed = 0
  fc.assert(
    fc.property(generatedPolicy(), generatedPolicy(), (oldText, newText) => {
      const before = load(oldText)
      const after = load(newText)
      if (before === undefined || after === undefined) return
      const changes = diffPolicies(before, after, NOW)
      for (const host of HOSTS) {
        for (const path of PATHS) {
          const asked = { before, after, changes, host, path }
          for (const origin of ORIGINS) {
            for (const method of METHODS) {
              const truth = verdictChange(asked, origin, method)
              compared++
              if (truth !== 'same') changed++
              if (truth !== claimOf(asked, origin, method)) {
                throw new Error(
                  `${method} ${host}${path} from ${origin}: ${truth} in truth\n${JSON.stringify(changes, null, 1)}\n--- old\n${oldText}\n--- new\n${newText}`,
                )
              }
            }
          }
        }
      }
    }),
    { numRuns: Number(process.env['DIFF_RUNS'] ?? 60) },
  )
  t.ok(changed > 1000, `${changed} of ${compared} verdicts had changed`)
})

t.test('which Host the upstream gets is a neutral change', async t => {
  const policy = (more: string) =>
    load(`version: 1
upstreams: { u: { url: http://u.internal${more} } }
routes: [{ id: a, path: /**, upstream: u }]
`) as CompiledPolicy
  for (const [before, after, what] of [
    ['', ', preserveHost: true', 'the upstream gets the Host of the request now, not its own'],
    [
      ', preserveHost: true',
      ', preserveHost: false',
      'the upstream gets its own Host now, not that of the request',
    ],
  ] as const) {
    t.match(diffPolicies(policy(before), policy(after), NOW), [{ direction: 'neutral', what }])
  }
  t.strictSame(diffPolicies(policy(''), policy(', preserveHost: false'), NOW), [])
})

interface Asked {
  readonly before: CompiledPolicy
  readonly after: CompiledPolicy
  readonly changes: readonly Change[]
  readonly host: string
  readonly path: string
}

function load(text: string): CompiledPolicy | undefined {
  const { policy } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  return policy
}

function ask(policy: CompiledPolicy, host: string, path: string, origin: string, method: string) {
  const request = {
    target: path,
    host,
    scheme: 'https' as const,
    method,
    origin,
    requestMethod: undefined,
    requestHeaders: undefined,
    requestPrivateNetwork: undefined,
    secFetchSite: undefined,
    websocket: false,
  }
  return evaluate(policy, request, NOW)
}

function verdictChange({ before, after, host, path }: Asked, origin: string, method: string): string {
  const isAllowed = (policy: CompiledPolicy) =>
    ask(policy, host, path, origin, method).decision.outcome === 'allowed'
  const old = isAllowed(before)
  const now = isAllowed(after)
  if (old === now) return 'same'
  return now ? 'gained' : 'lost'
}

// What a reader takes from the changes: those of the routes that answer, for the name that fits the origin best.
function claimOf({ before, after, changes, host, path }: Asked, origin: string, method: string): string {
  const from = ask(before, host, path, origin, method).route
  const to = ask(after, host, path, origin, method).route
  const rules = [...(from?.cors ?? []), ...(to?.cors ?? [])]
  const origins = rules.flatMap(rule => rule.origins.flatMap(set => [...set.entries].map(({ text }) => text)))
  const isNamed = method === 'HEAD' || rules.some(({ allowMethods }) => allowMethods.includes(method))
  const claims = changes
    .filter(change => change.from === from?.id && change.to === to?.id)
    .filter(change => change.origins.includes(nameOf(origin, origins)))
    .filter(({ access }) => access?.methods.includes(isNamed ? method : 'any other method'))
    .map(({ direction, what }) => {
      // In report mode the verdicts change, and what pages may do does not.
      if ((direction === 'neutral') !== (to?.mode === 'report')) throw new Error(`${direction}: ${what}`)
      return direction === 'wider' || what.startsWith('newly listed') ? 'gained' : 'lost'
    })
  if (claims.length > 1) throw new Error(`${claims} at once`)
  return claims[0] ?? 'same'
}

// Written apart from the diff: the most exact of the names that two routes have for an origin.
function nameOf(origin: string, entries: readonly string[]): string {
  if (origin !== 'null' && !/^[a-z]+:\/\/[a-z.]+(:\d+)?$/.test(origin)) return 'no origin of any browser'
  if (entries.includes(origin)) return origin
  const [scheme = '', rest = ''] = origin.split('://')
  const [host = '', port = ''] = rest.split(':')
  const wild = entries.filter(entry => entry.startsWith(`${scheme}://`) && entry.includes('*')).map(split)
  const below = wild.filter(one => one.host.startsWith('*.') && host.endsWith(one.host.slice(1)))
  const longest = below.sort((a, b) => b.host.length - a.host.length)[0]?.host
  const best = wild.some(one => one.host === host) ? host : longest
  if (best === undefined) return 'any other origin'
  const ports = new Set(['', ...wild.map(one => one.port)])
  const named = ports.has(port) ? port : '*'
  return `${scheme}://${best}${named === '' ? '' : `:${named}`}`
}

function split(entry: string): { host: string; port: string } {
  const [host = '', port = ''] = (entry.split('://')[1] ?? '').split(':')
  return { host, port }
}

t.test('report mode is not told as enforcement', t => {
  const route = (fields: string, origins: readonly string[]) =>
    load(`version: 1
upstreams: { a: { url: "http://a.internal" } }
routes:
  - id: api
    path: /**
    upstream: a
    ${fields}
    cors: ${origins.length === 0 ? '[]' : `[{ allowOrigins: [${origins.map(each => `"${each}"`)}], allowMethods: [GET] }]`}
`)!
  const [A, B, C, D] = ['a', 'b', 'c', 'd'].map(name => `https://${name}.shop.example`) as [
    string,
    string,
    string,
    string,
  ]
  const ENFORCE = 'mode: enforce'
  const REPORT = 'mode: report'
  const told = (before: CompiledPolicy, after: CompiledPolicy) => [
    diffPolicies(before, after, NOW).map(({ direction, origins, what }) =>
      [direction, [...origins].join(), what].join(' | '),
    ),
    policyChanges(before, after, NOW).map(({ summary }) => summary),
  ]
  const onlyReports =
    'only reports now: every request passes, and the upstream’s own CORS headers say what pages may read'
  t.strictSame(told(route(ENFORCE, [A, B, C]), route(REPORT, [])), [
    [`wider |  | ${onlyReports}`, `neutral | ${[A, B, C]} | no longer listed, in report mode only, for GET`],
    ['3 origins no longer listed, in report mode only, for GET on route api', `route api: ${onlyReports}`],
  ])
  t.strictSame(told(route(ENFORCE, [A]), route(REPORT, [A])), [
    [`wider |  | ${onlyReports}`],
    [`route api: ${onlyReports}`],
  ])
  t.strictSame(told(route(REPORT, [A]), route(REPORT, [A, B])), [
    [`neutral | ${B} | newly listed, in report mode only, for GET`],
    ['1 origin newly listed, in report mode only, for GET on route api'],
  ])
  const enforced = (who: string) => `is enforced now: every ${who} loses what the upstream allowed it`
  t.strictSame(told(route(REPORT, [A, B, C, D]), route(ENFORCE, [A, B, C, D])), [
    [`narrower |  | ${enforced(`origin but ${A}, ${B}, ${C} and 1 more`)}`],
    [`route api: ${enforced(`origin but ${A}, ${B}, ${C} and 1 more`)}`],
  ])
  t.strictSame(told(route(REPORT, []), route(ENFORCE, []))[0], [`narrower |  | ${enforced('other origin')}`])
  t.strictSame(told(route(REPORT, [A]), route(ENFORCE, [B])), [
    [
      `wider | ${B} | may now use GET`,
      `narrower |  | ${enforced(`origin but ${B}`)}`,
      `narrower | ${A} | may no longer use GET`,
    ],
    [
      '1 origin gained on route api',
      '1 origin lost on route api',
      `route api: ${enforced(`origin but ${B}`)}`,
    ],
  ])
  t.strictSame(told(route(`${REPORT}\n    websocket: true`, []), route(REPORT, []))[0], [
    'narrower |  | WebSockets are no longer served',
  ])
  t.strictSame(told(route(REPORT, []), route(`${REPORT}\n    websocket: true`, []))[0], [
    'wider |  | WebSockets of every origin pass now, as the route only reports',
  ])
  t.strictSame(told(route(REPORT, ['*']), route(ENFORCE, ['*']))[0], [
    'narrower |  | is enforced now: everyone loses what the upstream allowed and its rules do not',
  ])
  t.end()
})

import fc from 'fast-check'
import t from 'tap'
import { loadPolicyFiles } from '../../../src/gateway/loading/load-policy.js'
import type { CompiledPolicy } from '../../../src/policy/compiled/compiled-policy.js'
import type { Change } from '../../../src/policy/diff/change.js'
import { diffPolicies } from '../../../src/policy/diff/diff-policies.js'
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
    .map(({ direction }) => (direction === 'wider' ? 'gained' : 'lost'))
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

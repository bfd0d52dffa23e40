import fc from 'fast-check'
import t from 'tap'
import { loadPolicyFiles } from '../../../src/gateway/loading/load-policy.js'
import type { CompiledPolicy } from '../../../src/policy/compiled/compiled-policy.js'
import { diffPolicies } from '../../../src/policy/diff/diff-policies.js'
import { policyChanges } from '../../../src/policy/diff/policy-changes.js'
import { evaluate } from '../../../src/policy/evaluate.js'
import type { ResolvedOriginSet } from '../../../src/policy/resolved/resolved-policy.js'
import { runCommands } from '../../helpers/commands.js'
import { overlappingRoutes } from '../../helpers/overlapping-routes.js'
import { generatedPolicy, HOSTS, METHODS, ORIGINS, PATHS } from '../generated-policy.js'

const NOW = Date.parse('2027-01-01T00:00:00Z')
/** So many routes have more subsets than anybody will ever look at. */
const MANY = 40
const GONE = '  - { id: gone, path: /**, upstream: u }\n'
const NEW = '  - { id: new, path: /*/**, upstream: u }\n'

const REQUEST = {
  scheme: 'https',
  requestMethod: undefined,
  requestHeaders: undefined,
  requestPrivateNetwork: undefined,
  secFetchSite: undefined,
  websocket: false,
} as const

function load(text: string): CompiledPolicy {
  const { policy, problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  if (policy === undefined) throw new Error(`${problems[0]?.message}\n${text}`)
  return policy
}

t.test('routes that stay where they are are compared, however they overlap', t => {
  const before = load(overlappingRoutes(MANY, 'GET'))
  const after = load(overlappingRoutes(MANY, 'GET, POST'))
  t.strictSame(
    policyChanges(before, after, NOW).map(({ summary }) => summary),
    Array.from({ length: MANY }, (_, route) => `1 origin may now use POST on route r${route}`),
  )
  t.match(diffPolicies(after, before, NOW, 1)[0], {
    direction: 'narrower',
    from: 'r0',
    to: 'r0',
    what: 'may no longer use POST',
  })
  t.strictSame(diffPolicies(before, load(`# the same\n${overlappingRoutes(MANY, 'GET')}`), NOW), [])
  t.end()
})

t.test('a route that is new, gone or elsewhere among them counts as wider', t => {
  const before = load(overlappingRoutes(MANY, 'GET', GONE))
  const after = load(overlappingRoutes(MANY, 'GET', NEW).replace('path: /x0/', 'path: /y0/'))
  const what = 'answers other requests than before, and what that opens or closes was not compared'
  const changes = diffPolicies(before, after, NOW)
  t.match(changes, [
    { direction: 'wider', from: 'r0', to: 'r0', where: [/^\/y0\/\*/], origins: [], what },
    { direction: 'wider', to: 'new', where: ['/*/**'], origins: [], what },
    { direction: 'wider', from: 'gone', where: ['/**'], origins: [], what },
  ])
  t.equal(changes.length, 3)
  t.equal(policyChanges(before, after, NOW)[1]?.summary, `route new: ${what}`)
  t.end()
})

t.test('more combinations of hosts and ports than can be looked at count as wider', t => {
  const policy = (methods: string) => {
    const origins = Array.from({ length: 1000 }, (_, index) => `https://*.h${index}.example:${1000 + index}`)
    return load(`version: 1
upstreams: { u: { url: "http://127.0.0.1:9" } }
routes:
  - id: many
    path: /many
    upstream: u
    cors: [{ allowOrigins: [${origins.map(origin => `"${origin}"`)}], allowMethods: [${methods}] }]
  - { id: few, path: /few, upstream: u, cors: [{ allowOrigins: [https://a.example], allowMethods: [${methods}] }] }
`)
  }
  const what = 'has other rules than before, and what they open or close was not compared'
  t.strictSame(
    diffPolicies(policy('GET'), policy('GET, POST'), NOW)
      .map(({ direction, to, origins, what }) => [direction, to, origins.join(), what])
      .sort(),
    [
      ['wider', 'few', 'https://a.example', 'may now use POST'],
      ['wider', 'many', '', what],
    ],
  )
  t.strictSame(diffPolicies(policy('GET'), policy('GET'), NOW), [])
  t.end()
})

t.test('a list that many routes share is read once, not for each that is enforced', t => {
  const policy = (mode: string) => {
    const origins = Array.from({ length: 10_000 }, (_, index) => `    - https://o${index}.example\n`)
    const routes = Array.from(
      { length: 500 },
      (_, index) =>
        `  - { id: r${index}, path: /r${index}, upstream: u, mode: ${mode}, cors: [{ allowOrigins: [shared], allowMethods: [GET] }] }\n`,
    )
    return load(`version: 1
upstreams: { u: { url: "http://127.0.0.1:9" } }
origins:
  shared:
${origins.join('')}routes:
${routes.join('')}`)
  }
  const before = policy('report')
  const after = policy('enforce')
  let read = 0
  const { entries } = after.resolved.originSets.get('shared') as ResolvedOriginSet
  t.intercept(entries, Symbol.iterator, {
    value: () => {
      read++
      return Object.getPrototypeOf(entries)[Symbol.iterator].call(entries)
    },
  })
  t.equal(diffPolicies(before, after, NOW).length, 500)
  t.ok(read < 10, `read ${read} times`)
  t.end()
})

t.test('with no effort at all, each verdict that changed is on a route that is said to be', t => {
  let changed = 0
  fc.assert(
    fc.property(generatedPolicy(), generatedPolicy(), (oldText, newText) => {
      const { policy: before } = loadPolicyFiles([{ file: 'policy.yaml', text: oldText }])
      const { policy: after } = loadPolicyFiles([{ file: 'policy.yaml', text: newText }])
      if (before === undefined || after === undefined) return
      const told = diffPolicies(before, after, NOW, 0).filter(change => change.what.endsWith('not compared'))
      if (told.some(({ direction }) => direction !== 'wider')) throw new Error('not wider')
      const places = HOSTS.flatMap(host => PATHS.map(target => ({ host, target })))
      const senders = ORIGINS.flatMap(origin => METHODS.map(method => ({ origin, method })))
      for (const place of places) {
        for (const sender of senders) {
          const request = { ...REQUEST, ...place, ...sender }
          const old = evaluate(before, request, NOW)
          const now = evaluate(after, request, NOW)
          if ((old.decision.outcome === 'allowed') === (now.decision.outcome === 'allowed')) continue
          changed++
          const isTold = told.some(
            ({ from, to }) =>
              (from !== undefined && from === old.route?.id) || (to !== undefined && to === now.route?.id),
          )
          if (!isTold) throw new Error(`${JSON.stringify(request)}\n--- old\n${oldText}\n--- new\n${newText}`)
        }
      }
    }),
    { numRuns: 40 },
  )
  t.ok(changed > 500, `${changed} verdicts had changed`)
  t.end()
})

t.test('a build does not pass by mistake', async t => {
  const dir = t.testdir({
    'old.yaml': overlappingRoutes(MANY, 'GET'),
    'narrower.yaml': overlappingRoutes(MANY, 'HEAD'),
    'new.yaml': overlappingRoutes(MANY, 'GET', NEW),
  })
  const [narrower, text, json, markdown, allowed] = await runCommands(dir, [
    ['diff', 'old.yaml', 'narrower.yaml'],
    ['diff', 'old.yaml', 'new.yaml'],
    ['diff', 'old.yaml', 'new.yaml', '--format', 'json'],
    ['diff', 'old.yaml', 'new.yaml', '--format', 'markdown'],
    ['diff', 'old.yaml', 'new.yaml', '--allow-widening'],
  ])
  t.match(narrower, { code: 0, stdout: /40 narrower/ })
  t.match(text, { code: 1, stdout: /wider .*new .*not compared.*it counts as wider.*1 wider/s })
  t.match(json, { code: 1 })
  t.match(JSON.parse(json?.stdout ?? ''), { wider: true, changes: [{ after: { route: 'new' } }] })
  t.match(markdown, { code: 1, stdout: /\*\*wider\*\*.*not compared/ })
  t.match(allowed, { code: 0 })
})

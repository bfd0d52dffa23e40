import t from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { revisionOf } from '../../src/policy/resolved/revision.js'

const ROUTES = 1000
const ORIGINS = 100_000

// About 1 s on two idle cores. The bound leaves room for coverage and for the suite's other processes, and one slow
// run of three may be theirs.
t.test(`a policy of ${ROUTES} routes and ${ORIGINS} origins loads in time`, async t => {
  const text = largePolicy()
  let fastest = Number.POSITIVE_INFINITY
  for (let run = 0; run < 3 && fastest > 2000; run++) {
    const started = performance.now()
    const { policy, problems } = resolvePolicy([{ file: 'policy.yaml', text }])
    const resolved = performance.now()
    if (policy !== undefined) revisionOf(policy)
    const hashed = performance.now()
    t.comment(`resolve ${Math.round(resolved - started)} ms, revision ${Math.round(hashed - resolved)} ms`)
    fastest = Math.min(fastest, hashed - started)

    t.strictSame(problems, [])
    t.equal(policy?.routes.length, ROUTES)
    const entries = policy?.originSets.get('customers')?.entries
    t.equal(entries?.length, ORIGINS)
    t.match(entries?.at(-1)?.position, { line: ORIGINS + 5, column: 7 })
  }
  t.ok(fastest < 6000, 'in under 6 s')
})

function largePolicy(): string {
  const origins = Array.from(
    { length: ORIGINS },
    (_, at) => `    - https://app-${at}.customer-${at % 977}.example\n`,
  )
  const routes = Array.from(
    { length: ROUTES },
    (_, at) => `  - id: r${at}
    hosts: [api.shop.example]
    path: /r${at}/**
    upstream: u
    cors:
      - allowOrigins: [customers, https://admin-${at}.example]
        allowMethods: [GET, POST]
        allowHeaders: [content-type, authorization]
        allowCredentials: true
        maxAge: 10m
`,
  )
  return `version: 1
upstreams:
  u: { url: http://u.internal }
origins:
  customers:
${origins.join('')}routes:
${routes.join('')}`
}

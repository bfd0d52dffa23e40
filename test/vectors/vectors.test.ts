import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t, { type Test } from 'tap'
import type { AuditRecord } from '../helpers/gateway.js'
import { RELOAD } from './cases.js'
import { DISAGREEMENTS, REFUSED } from './disagreements.js'
import { PROBE } from './exchange.js'
import { brokenInvariants } from './invariants.js'
import { judge, type Outcome, unheeded } from './judge.js'
import { codesOf, judgePolicy, type Loaded, load, refusalFaults } from './judge-policy.js'
import { hostOf } from './policy-of.js'
import { runVectors, serveVectors } from './run-vectors.js'
import { type Arrival, startVectorsUpstream } from './upstream.js'
import { type Expectation, META, VECTORS, type Vector } from './vector.js'

// All vectors run against one gateway process: each has a host of its own. Requests first, many at a time; then the
// gateway is stopped, so that its whole log is read; then every vector is judged.

const loaded = new Map(VECTORS.map(vector => [vector.id, load(vector)]))
const served = VECTORS.filter(vector => loaded.get(vector.id)?.errors.length === 0)
const upstream = await startVectorsUpstream(t)
const gateway = await serveVectors(t, upstream, served)
const sights = await runVectors(t, gateway, served)
await gateway.stop()

const counts = { vectors: 0, requests: 0, hold: 0, disagree: 0, should: 0, shouldNot: 0 }

t.test('the copy is whole', async t => {
  t.equal(VECTORS.length, META.counts.total)
  const kinds = VECTORS.map(vector => vector.kind)
  for (const [kind, count] of Object.entries(META.counts.byKind)) {
    t.equal(kinds.filter(each => each === kind).length, count, kind)
  }
})

for (const kind of Object.keys(META.counts.byKind)) {
  t.test(kind, async t => {
    for (const vector of VECTORS.filter(vector => vector.kind === kind)) check(t, vector)
  })
}

t.test('nothing reached the upstream for a host that no route has', async t => {
  const hosts = new Set(VECTORS.map(vector => `${hostOf(vector)}:${gateway.port}`))
  t.same(
    upstream.arrivals.filter(({ host }) => !hosts.has(host)),
    [],
  )
})

t.test('every response of the reload vector is from one policy', async t => {
  // Reload is a later feature: here it is only held fast that requests at the same time share one revision.
  const records = gateway.records.filter(({ host }) => String(host).startsWith(`${RELOAD}.`))
  t.ok(records.length > 1)
  t.equal(new Set(records.map(record => record['policyRevision'])).size, 1)
})

t.test('every disagreement has its row in the docs, and every row is one', async t => {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs/vector-disagreements.md'), 'utf8')
  const rows = [...text.matchAll(/^\| ([a-z]{2}-\d{3}) \|.*\| (.*) \|$/gm)].map(row => [row[1], row[2]])
  t.same(
    rows,
    Object.entries(DISAGREEMENTS).map(([id, { because }]) => [id, because]),
  )
})

t.test('every vector ran', async t => {
  t.equal(counts.hold + counts.disagree, META.counts.total)
  t.comment(
    `${counts.vectors} vectors ran (${counts.requests} requests): ${counts.hold} hold, ${counts.disagree} documented ` +
      `disagreements. Of ${counts.should} SHOULDs, ${counts.shouldNot} are not followed.`,
  )
})

/** Judges one vector: by its own expectation, or by what is documented to hold instead, and then not by its own. */
function check(t: Test, vector: Vector): void {
  const { id, title, expect } = vector
  const disagreement = DISAGREEMENTS[id]
  const faults = faultsOf(vector, { ...expect, ...disagreement?.instead })
  counts.vectors++
  if (faults.length === 0) disagreement ? counts.disagree++ : counts.hold++
  t.same(faults, [], `${id} ${title}`)
  for (const outcome of outcomesOf(vector)) {
    counts.requests++
    counts.should += Object.keys(expect.should ?? {}).length
    counts.shouldNot += unheeded(outcome, expect).length
  }
  if (disagreement !== undefined) t.not(faultsOf(vector, expect).length, 0, `${id} still disagrees`)
}

function faultsOf(vector: Vector, expect: Expectation): string[] {
  const policy = loaded.get(vector.id) as Loaded
  if (vector.kind === 'policy-validation') return judgePolicy(policy, expect)
  const refused = REFUSED[vector.id]
  if (expect.orPolicyError && refused !== undefined) return refusalFaults(policy, refused)
  if (policy.errors.length > 0) return [`the policy must load: ${codesOf(policy)}`]
  const outcomes = outcomesOf(vector)
  if (outcomes.length === 0) return ['no request was sent']
  return outcomes.flatMap(outcome => {
    // Of concurrent requests, each has an expectation of its own.
    const own = outcome.one.expect === vector.expect ? expect : outcome.one.expect
    return [...judge(outcome, own), ...brokenInvariants(outcome)]
  })
}

function outcomesOf({ id }: Vector): Outcome[] {
  return (sights.get(id) ?? []).map(({ one, sight }) => {
    const mine = (of: Arrival | AuditRecord): boolean =>
      isAt(of, one.sentHost) && (one.requestId === undefined || of.requestId === one.requestId)
    return {
      ...sight,
      one,
      arrivals: upstream.arrivals.filter(mine),
      records: gateway.records.filter(record => isRead(record) && mine(record)),
    }
  })
}

function isAt({ host, path }: Arrival | AuditRecord, sentHost: string): boolean {
  return host === sentHost && path !== PROBE
}

// What the parser could not read has no host to know it by.
function isRead({ method }: AuditRecord): boolean {
  return method !== ''
}

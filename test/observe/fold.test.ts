import t from 'tap'
import { ActivityRelay, replay } from '../../src/gateway/workers/activity-relay.js'
import type { WorkerActivity } from '../../src/gateway/workers/worker-messages.js'
import { Activity } from '../../src/observe/activity/activity.js'
import { TimeSeries } from '../../src/observe/activity/time-series.js'
import { type AuditEvent, auditEvent } from '../../src/observe/events/audit-event.js'
import { Fold, type FoldedCounts } from '../../src/observe/log/fold.js'
import { keyOfDenial, overflowedDenial, overflowKeyOfDenial } from '../../src/observe/log/fold-decisions.js'

const denial = (origin: string, path = '/a', route = 'orders') =>
  auditEvent({
    outcome: 'denied',
    enforced: true,
    kind: 'actual',
    reason: 'origin-not-allowed',
    hint: undefined,
    origin,
    method: 'GET',
    host: 'api.example',
    path,
    route,
    rule: undefined,
    status: 403,
    client: '192.0.2.1',
    requestId: path,
    traceId: undefined,
    policyRevision: 'f'.repeat(64),
  })

type Written = AuditEvent & Partial<FoldedCounts>

function collect(window: number, keys: number) {
  const written: Written[] = []
  let folded = 0
  const fold = new Fold<AuditEvent>({
    window,
    keys,
    keyOf: keyOfDenial,
    overflowKeyOf: overflowKeyOfDenial,
    emit: (event, counts) => written.push({ ...event, ...counts }),
    overflowed: overflowedDenial,
    folded: () => {
      folded++
    },
  })
  return { fold, written, folded: () => folded }
}

const total = (records: readonly Written[]) => records.reduce((sum, { count = 1 }) => sum + count, 0)

t.test('the first of a kind at once, then one summary with the latest', async t => {
  const { fold, written, folded } = collect(60_000, 100)
  for (let index = 0; index < 5; index++) fold.add(denial('https://a.example', `/${index}`))
  fold.add(denial('https://b.example'))
  t.same(
    written.map(({ origin, count }) => [origin, count]),
    [
      ['https://a.example', undefined],
      ['https://b.example', undefined],
    ],
  )
  fold.flush()
  t.equal(written.length, 3)
  t.match(written[2], { origin: 'https://a.example', count: 4, path: '/4' })
  t.ok(written[2]!.firstSeen! <= written[2]!.lastSeen!)
  t.equal(total(written), 6)
  t.equal(folded(), 4)
})

t.test('a full table counts the rest by route and reason, without an origin', async t => {
  const { fold, written } = collect(60_000, 10)
  for (let index = 0; index < 1_000; index++) {
    fold.add(denial(`https://o${index}.example`, '/x', index % 2 === 0 ? 'orders' : 'stock'))
  }
  fold.flush()
  const overflow = written.filter(record => record.overflow)
  t.equal(written.length, 12)
  t.same(overflow.map(({ route, origin, hint }) => [route, origin, hint]).sort(), [
    ['orders', undefined, undefined],
    ['stock', undefined, undefined],
  ])
  t.equal(total(written), 1_000)
})

t.test('what differs is not folded', async t => {
  const { fold, written } = collect(60_000, 100)
  const base = denial('https://a.example')
  const others = [
    base,
    { ...base, method: 'POST' },
    { ...base, reason: 'method-not-allowed' },
    { ...base, enforced: false },
    { ...base, kind: 'preflight' as const },
    { ...base, route: 'stock' },
    { ...base, policyRevision: 'e'.repeat(64) },
    { ...base, requestedMethod: 'PUT' },
  ]
  for (const event of others) fold.add(event)
  t.equal(written.length, others.length)
})

t.test('what preflights ask for cannot fill the table, nor a record', async t => {
  const { fold, written } = collect(60_000, 10)
  const names = (from: number) => Array.from({ length: 300 }, (_, index) => `x-${from}-${index}`).join(',')
  for (let index = 0; index < 1_000; index++) {
    const asked = auditEvent({
      ...denial('https://a.example'),
      hint: undefined,
      traceId: undefined,
      route: 'orders',
      rule: 0,
      origin: 'https://a.example',
      kind: 'preflight',
      reason: 'header-not-allowed',
      requestedMethod: `M${index}${'\u00e9'.repeat(4_000)}`,
      requestedHeaders: `\u202e${names(index)}`,
    })
    fold.add(asked)
  }
  fold.flush()
  t.equal(written.length, 11, 'one summary for all that the table has no room for')
  t.equal(total(written), 1_000)
  for (const { requestedMethod = '', requestedHeaders = '' } of written) {
    t.match(requestedMethod, /^M[\x20-\x7e]{1,139}$/)
    t.match(requestedHeaders, /^\\u202e[\x20-\x7e]{1,1030}$/)
  }
})

t.test('a window ends by itself, in steps, and the next begins anew', async t => {
  const { fold, written } = collect(30, 1_000)
  const timers = t.capture(globalThis, 'setTimeout', setTimeout)
  for (let index = 0; index < 602; index++) fold.add(denial(`https://o${index % 301}.example`))
  t.equal(timers().length, 1, 'one timer, however many there are')
  // The fold's own timer does not keep a process alive.
  const alive = setInterval(() => {}, 1_000)
  while (written.length < 602) await new Promise(resolve => setImmediate(resolve))
  clearInterval(alive)
  t.equal(total(written), 602)
  fold.add(denial('https://o1.example'))
  t.equal(written.length, 603, 'first of a kind again')
  fold.flush()
})

t.test('windows that end while one is written wait for their turn', async t => {
  const { fold, written } = collect(1, 10_000)
  const twice = (origin: string) => {
    fold.add(denial(origin))
    fold.add(denial(origin))
  }
  for (let index = 0; index < 2_000; index++) twice(`https://o${index}.example`)
  let [before, most, turns] = [written.length, 0, 0]
  for (; written.length < 4_000 + 2 * turns; before = written.length) {
    await new Promise(resolve => setImmediate(resolve))
    most = Math.max(most, written.length - before)
    if (written.length === before || turns === 20) continue
    // Another window, which is over before the next turn.
    twice(`https://turn${turns++}.example`)
    const until = performance.now() + 2
    while (performance.now() < until);
  }
  t.equal(turns, 20)
  t.ok(most <= 202, `${most} records in a turn of the loop`)
  t.equal(total(written), 4_040)
})

t.test('a summary says when the first and the last of what it counts was seen', async t => {
  let now = Date.parse('2027-01-01T00:00:00Z')
  t.intercept(Date, 'now', { value: () => now })
  const { fold, written } = collect(60_000, 1)
  const seconds = (...origins: string[]) => {
    for (const origin of origins) {
      fold.add(denial(origin))
      now += 1_000
    }
  }
  const [own, other] = ['https://a.example', 'https://b.example']
  seconds(own, own, other, own, own, other)
  fold.flush()
  t.same(
    written.map(({ count, firstSeen, lastSeen, overflow }) => [count, firstSeen, lastSeen, overflow]),
    [
      [undefined, undefined, undefined, undefined],
      [3, '2027-01-01T00:00:01.000Z', '2027-01-01T00:00:04.000Z', undefined],
      [2, '2027-01-01T00:00:02.000Z', '2027-01-01T00:00:05.000Z', true],
    ],
  )
  fold.flush()
  t.equal(written.length, 3, 'once')
  seconds(own, own)
  fold.flush()
  t.match(written[4], { count: 1, firstSeen: '2027-01-01T00:00:07.000Z' }, 'the next window begins anew')
})

t.test('window 0 folds nothing', async t => {
  const { fold, written } = collect(0, 1)
  for (let index = 0; index < 5; index++) fold.add(denial('https://a.example'))
  t.equal(written.length, 5)
})

t.test('a time series holds its last steps and forgets the others', async t => {
  const series = new TimeSeries(1_000, 3, ['allowed', 'denied', 'reported'])
  series.add(10_500, 'denied')
  series.add(10_900, 'allowed')
  series.add(12_000, 'reported')
  t.same(series.steps(12_999), [
    { start: 10_000, allowed: 1, denied: 1, reported: 0 },
    { start: 11_000, allowed: 0, denied: 0, reported: 0 },
    { start: 12_000, allowed: 0, denied: 0, reported: 1 },
  ])
  t.equal(series.total('denied', 12_999), 1)
  t.equal(series.total('denied', 12_999, 2_000), 0, 'in the last two seconds')
  t.equal(series.total('reported', 12_999, 2_000), 1)
  series.add(13_000, 'denied')
  t.same(
    series.steps(15_000).map(({ start, denied }) => [start, denied]),
    [
      [13_000, 1],
      [14_000, 0],
      [15_000, 0],
    ],
  )
})

t.test(
  'a worker tells every exchange and every decision, however many there are',
  { timeout: 30_000 },
  async t => {
    const waiting = setInterval(() => {}, 1_000)
    t.teardown(() => clearInterval(waiting))
    const view = new Activity()
    view.keepUpstreams(new Set(['api']))
    let relay: ActivityRelay | undefined
    const told = await new Promise<WorkerActivity>(tell => {
      relay = new ActivityRelay(tell)
      for (let n = 0; n < 5_000; n++) {
        relay.upstream('api', 'complete', 20)
        relay.decision(denial(`https://o${n}.example`))
      }
      for (let n = 0; n < 700; n++) relay.upstream('api', 'bad-gateway', 1, `E${n}`)
      relay.upstream('api', 'payload-too-large', 1)
    })
    relay?.close()
    t.equal(told.upstreams.length, 3, 'one for each result')
    t.equal(told.denied.length, 500, 'and bounded')
    const before = Date.now()
    replay(view, told)
    t.match(view.upstreamRow('api'), {
      requests: 5_701,
      failures: 700,
      lastFailure: { result: 'bad-gateway', code: 'E699' },
    })
    t.ok(view.upstreamRow('api')!.lastFailure!.at <= before, 'it happened when the worker saw it')
    t.ok(Math.abs(view.upstreamRow('api')!.latency! - 20) < 0.001, 'failures are no latency')
    const counts = view.hours.steps(Date.now()).reduce((sum, step) => sum + step.denied, 0)
    t.equal(counts, 5_000)
    t.equal(view.denials().length, 500)
  },
)

t.test('the mean of many latencies told at once is that of one after the other', async t => {
  const one = new Activity()
  const many = new Activity()
  for (const view of [one, many]) view.upstream('api', 'complete', 100)
  for (let n = 0; n < 10; n++) one.upstream('api', 'complete', 20)
  many.exchanges('api', {
    result: 'complete',
    code: undefined,
    count: 10,
    milliseconds: 200,
    lastAt: Date.now(),
  })
  t.ok(Math.abs(one.upstreamRow('api')!.latency! - many.upstreamRow('api')!.latency!) < 1e-9)
  one.upstream('api', 'request-timeout', 9_000)
  one.upstream('api', 'client-left', 9_000)
  t.ok(
    Math.abs(one.upstreamRow('api')!.latency! - many.upstreamRow('api')!.latency!) < 1e-9,
    'clients are not the upstream',
  )
  t.match(one.upstreamRow('api'), { requests: 13, failures: 0 })
})

t.test('what is counted of an upstream begins and ends with its place in the policy', async t => {
  const view = new Activity()
  const stripped = {
    kind: { upstream: 'api', route: 'r', headers: ['vary'], key: 'k' },
    enforced: true,
    allowOrigin: undefined,
    allowCredentials: undefined,
    exposeHeaders: undefined,
    requestId: '1',
    policyRevision: 'r',
  }
  view.keepUpstreams(new Set(['api']))
  const { since } = view.upstreamRow('api')!
  view.upstream('api', 'complete', 1)
  view.corsStripped(stripped)
  view.keepUpstreams(new Set(['api', 'other']))
  t.match(view.upstreamRow('api'), { since, requests: 1 }, 'a reload keeps it')
  t.equal(view.drift().length, 1)
  view.keepUpstreams(new Set(['other']))
  t.equal(view.upstreamRow('api'), undefined)
  t.equal(view.drift().length, 0, 'both go together')
})

t.test('the view forgets what was not seen for longest', async t => {
  let now = 1_000_000
  t.intercept(Date, 'now', { value: () => now })
  const view = new Activity()
  const origin = (index: number) => `https://o${index}.example`
  view.decision(denial(origin(0)))
  for (let index = 1; index < 500; index++) {
    now++
    view.decision(denial(origin(index)))
  }
  now++
  view.decision(denial(origin(0)))
  now++
  view.decision(denial('https://new.example'))
  const seen = view.denials().map(({ latest }) => latest.origin)
  t.ok(seen.length <= 500, `${seen.length} rows`)
  t.same(seen.slice(0, 3), ['https://new.example', origin(0), origin(499)], 'the latest first')
  t.notOk(seen.includes(origin(1)), 'the one not seen for longest')
  t.ok(seen.includes(origin(400)), 'but no more than is needed for a while')
  t.equal(view.denials()[1]?.count, 2)
})

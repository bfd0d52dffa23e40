import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { checkAnswers } from '../../bench/answers.js'
import { CASES } from '../../bench/cases.js'
import type { Sample } from '../../bench/contest.js'
import { SMALL } from '../../bench/policy-sizes.js'
import { type Profile, selfTimes } from '../../bench/profile.js'
import { ratioOf, ratioOfBests } from '../../bench/summary.js'
import { judge, TARGETS } from '../../bench/targets.js'

t.test('a target is judged by the median of the rounds that both were measured in', async t => {
  const target = TARGETS.ratios.find(({ of, to }) => of.case === 'get' && to.peer === 'fastify')!
  const limit = target.atMost!
  const rounds = (...ours: readonly number[]) =>
    ours.flatMap((micros, round) => [
      sample({ ...target.of, round, processorMicros: micros * (round + 1) }),
      sample({ ...target.to, round, processorMicros: 100 * (round + 1) }),
    ])
  t.match(judge(target, rounds(limit * 100, limit * 100, 900)), { kept: true, found: limit.toFixed(2) })
  t.match(judge(target, rounds(10, limit * 101, limit * 101)), { kept: false })
  t.match(judge(target, rounds(limit * 100, 900, 900), ratioOfBests), { kept: true })
  t.match(judge(target, rounds(limit * 101, 900, 900), ratioOfBests), { kept: false })
  for (const ratioFrom of [ratioOf, ratioOfBests]) {
    for (const measured of [rounds(10).slice(0, 1), rounds(10).slice(1), []])
      t.equal(judge(target, measured, ratioFrom), undefined, 'no verdict on what was not measured')
  }
})

t.test('every target names a case that there is', async t => {
  const names = CASES.map(({ name }) => name)
  for (const { of, to } of TARGETS.ratios) t.ok(names.includes(of.case) && names.includes(to.case), of.case)
})

t.test('a proxy that lets everything through is told so', async t => {
  const { deviations } = await checkAnswers(
    await serve(t, (request, response) => {
      response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
      response.setHeader('X-From-Upstream', 'yes')
      request.resume().on('end', () => response.end('x'.repeat(100)))
    }),
    SMALL,
  )
  for (const expected of [
    'allows an origin that is not allowed',
    'lets the upstream’s Access-Control-Allow-Origin through',
    'forwards preflights',
    'forwards requests of origins that are not allowed',
    'sends no Vary: Origin with an allowed request',
    'answers get-64k with 200 and 100 bytes',
  ]) {
    t.ok(deviations.includes(expected), expected)
  }
})

t.test('a server that answers by itself is told so', async t => {
  const port = await serve(t, (request, response) => {
    request.resume().on('end', () => response.end('x'.repeat(100)))
  })
  t.ok((await checkAnswers(port, SMALL)).deviations.includes('forwards nothing'))
})

t.test('a profile counts the window, and no idle time', async t => {
  const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 })
  const profile: Profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3] },
      { id: 2, callFrame: frame('work') },
      { id: 3, callFrame: frame('(idle)') },
    ],
    samples: [2, 2, 3, 2, 2],
    timeDeltas: [10, 10, 10, 10, 10],
    startTime: 1000,
    window: [1015, 1045],
  }
  t.same([...selfTimes(profile)], [[2, 20]])
})

function sample(given: Pick<Sample, 'peer' | 'size' | 'case' | 'round' | 'processorMicros'>): Sample {
  const rest = { connections: 256, residentBytes: 0, requestsPerSecond: 0, p50: 0, p99: 0, refused: 0 }
  return { ...rest, answers: 1, errors: 0, ...given }
}

function serve(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  t.teardown(() => server.close())
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

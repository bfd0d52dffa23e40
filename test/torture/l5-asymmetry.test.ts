import type { Test } from 'tap'
import { type Heap, heapOf, INSPECTED } from '../helpers/heap-of.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { smuggled } from './inputs/framing.js'
import { craftedOrigins } from './inputs/origins.js'
import { craftedTargets, escapes } from './inputs/targets.js'
import { promise, type Row } from './promise.js'
import { ALLOWED, FOREIGN, head, mainThreadOf, memoryOf, openRig, policyOf, shoot } from './rig.js'

const ROUNDS = 12

promise('L5', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const inputs = crafted()
  const plain = head('GET / HTTP/1.1', 'Host: x', 'Connection: close')
  await processorTime(t, row, upstream.origin, inputs, plain)
  await memory(t, row, upstream.origin, inputs, plain)
})

type Inputs = readonly (readonly [what: string, bytes: string])[]

async function processorTime(
  t: Test,
  row: Row,
  origin: string,
  inputs: Inputs,
  plain: string,
): Promise<void> {
  const { gateway, port } = await openRig(t, policyOf(origin))
  const pid = gateway.child.pid!
  for (let round = 0; round < 500; round++) await shoot(port, plain)
  for (const [, bytes] of inputs) await shoot(port, bytes, 300)

  const baseline = await costOf(pid, port, plain, 300)
  const before = memoryOf(pid)
  const costs: Cost[] = []
  for (const [what, bytes] of inputs) {
    costs.push({ what, ratio: (await costOf(pid, port, bytes, ROUNDS)) / baseline })
  }
  const grown = memoryOf(pid) - before
  const worst = worstOf(costs)
  t.ok(worst[0]!.ratio < 100, `the worst costs ${worst[0]!.ratio.toFixed(1)} times a GET`)
  t.ok(grown < 100, `memory grew by ${grown.toFixed(0)} MiB over ${inputs.length * ROUNDS} inputs`)
  t.equal((await send(port)).status, 200, 'still serving')
  row.tried(inputs.length * ROUNDS)
  row.figure(
    `a plain GET costs ${(baseline / 1000).toFixed(2)} ms of CPU; the worst five: ${listOf(worst)}; resident memory + ${grown.toFixed(0)} MiB over all`,
  )
}

/** What an input has the gateway allocate, whether it keeps it or not; and what is left of all of them in the end. */
async function memory(t: Test, row: Row, origin: string, inputs: Inputs, plain: string): Promise<void> {
  const { gateway, port } = await openRig(t, policyOf(origin), [], INSPECTED)
  const heap = await heapOf(t, gateway)
  for (let round = 0; round < 300; round++) await shoot(port, plain)
  for (const [, bytes] of inputs) await shoot(port, bytes, 300)

  const baseline = await allocatedBy(heap, port, plain, 100)
  await heap.collect()
  const before = await heap.used()
  const costs: Cost[] = []
  for (const [what, bytes] of inputs) {
    costs.push({ what, ratio: (await allocatedBy(heap, port, bytes, 4)) / baseline })
  }
  await heap.collect()
  const left = (await heap.used()) - before
  const worst = worstOf(costs)
  t.ok(baseline > 10_000, `a plain GET allocates ${baseline.toFixed(0)} bytes, which can be seen`)
  t.ok(worst[0]!.ratio < 100, `the worst allocates ${worst[0]!.ratio.toFixed(1)} times what a GET does`)
  t.ok(left < 8 * 1024 * 1024, `${left} bytes are left of all inputs`)
  row.tried(inputs.length * 4)
  row.figure(
    `a plain GET allocates ${(baseline / 1024).toFixed(0)} KiB; the worst five: ${listOf(worst)}; ${Math.max(0, left / 1024).toFixed(0)} KiB left of all when collected`,
  )
}

interface Cost {
  readonly what: string
  readonly ratio: number
}

function worstOf(costs: readonly Cost[]): readonly Cost[] {
  return [...costs].sort((a, b) => b.ratio - a.ratio).slice(0, 5)
}

function listOf(costs: readonly Cost[]): string {
  return costs.map(({ what, ratio }) => `${what} ${ratio.toFixed(1)}×`).join(', ')
}

/** Bytes per input. */
async function allocatedBy(heap: Heap, port: number, bytes: string, rounds: number): Promise<number> {
  await heap.collect()
  const before = await heap.used()
  for (let round = 0; round < rounds; round++) await shoot(port, bytes, 300)
  return ((await heap.used()) - before) / rounds
}

/** Microseconds of the gateway's main thread per input; what happens beside it in the same time counts too. */
async function costOf(pid: number, port: number, bytes: string, rounds: number): Promise<number> {
  const before = mainThreadOf(pid)
  for (let round = 0; round < rounds; round++) await shoot(port, bytes, 300)
  return (mainThreadOf(pid) - before) / rounds
}

/** Everything that the other rows send, and what is only there to cost. */
function crafted(): Inputs {
  const get = (target: string, ...lines: string[]): string =>
    head(`GET ${target} HTTP/1.1`, 'Host: x', ...lines, 'Connection: close')
  const asking = (...lines: string[]): string =>
    head(
      'OPTIONS / HTTP/1.1',
      'Host: x',
      `Origin: ${ALLOWED}`,
      'Access-Control-Request-Method: PUT',
      ...lines,
      'Connection: close',
    )
  const sample = <T>(values: readonly T[], every: number): T[] =>
    values.filter((_, index) => index % every === 0)
  return [
    ...smuggled().map(([what, bytes]) => [`framing: ${what}`, bytes] as const),
    ...sample(craftedTargets(), 12).map(target => [`path ${target.slice(0, 30)}`, get(target)] as const),
    ...escapes().map(target => [`path ${target.slice(0, 30)}`, get(target)] as const),
    ...sample(craftedOrigins(), 12).map(
      origin => [`origin ${origin.slice(0, 30)}`, get('/', `Origin: ${origin}`)] as const,
    ),
    ['a path of 15 KB of escapes', get(`/${'%41'.repeat(5000)}`)],
    ['a path of 7,000 segments', get('/a'.repeat(7000))],
    ['a path of 15 KB of semicolons', get(`/${';'.repeat(15_000)}`)],
    ['a path of 15 KB of percents', get(`/${'%25'.repeat(5000)}`)],
    ['a query of 15 KB', get(`/?${'a=b&'.repeat(3700)}`)],
    ['an Origin of 4 KB of labels', get('/', `Origin: https://${'a.'.repeat(2000)}example`)],
    ['an Origin of 15 KB', get('/', `Origin: https://${'a'.repeat(15_000)}`)],
    ['a near miss', get('/', `Origin: ${ALLOWED}:8443`)],
    ['a foreign Origin', get('/', `Origin: ${FOREIGN}`)],
    ['a list of 4 KB of commas', asking(`Access-Control-Request-Headers: ${','.repeat(4000)}`)],
    [
      'a list of 64 names',
      asking(
        `Access-Control-Request-Headers: ${Array.from({ length: 64 }, (_, index) => `n${index}`).join()}`,
      ),
    ],
    ['a list of 15 KB of commas', asking(`Access-Control-Request-Headers: ${','.repeat(15_000)}`)],
    ['97 headers', get('/', ...Array.from({ length: 97 }, (_, index) => `x-${index}: y`))],
    ['97 equal headers', get('/', ...Array.from({ length: 97 }, () => 'x-a: y'))],
    ['2,100 headers', get('/', ...Array.from({ length: 2100 }, (_, index) => `a${index}: b`))],
    [
      '15 KB of Connection tokens',
      head('GET / HTTP/1.1', 'Host: x', `Connection: close,${'a,'.repeat(7000)}`),
    ],
    [
      '5,000 Connection names',
      head(
        'GET / HTTP/1.1',
        'Host: x',
        `Connection: close,${Array.from({ length: 2500 }, (_, index) => `n${index}`).join()}`,
      ),
    ],
    ['X-Forwarded-For of 15 KB', get('/', `X-Forwarded-For: ${'1.2.3.4,'.repeat(1800)}`)],
    ['a Host of 250 labels', head('GET / HTTP/1.1', `Host: ${'a.'.repeat(120)}x`, 'Connection: close')],
    ['cookies of 15 KB', get('/', `Cookie: ${'a=b; '.repeat(3000)}`)],
    ['1,000 empty lines first', '\r\n'.repeat(1000) + get('/')],
    [
      '1-byte chunks',
      `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(2000)}0\r\n\r\n`,
    ],
    [
      'chunk extensions of 15 KB',
      `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(15_000)}\r\nx\r\n0\r\n\r\n`,
    ],
    [
      'trailers of 15 KB',
      `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(2000)}\r\n`,
    ],
    [
      'a WebSocket handshake',
      get('/', 'Upgrade: websocket', `Origin: ${FOREIGN}`).replace(
        'Connection: close',
        'Connection: upgrade',
      ),
    ],
  ]
}

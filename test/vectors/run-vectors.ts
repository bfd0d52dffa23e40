import type { Test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { casesOf } from './cases.js'
import { type Case, exchange, type Sight } from './exchange.js'
import { policyFile, routesOf } from './policy-of.js'
import { refusedUrl, type VectorsUpstream } from './upstream.js'
import type { Vector } from './vector.js'

/** Starts the real gateway with the policies of all `vectors` in one file. */
export async function serveVectors(
  t: Test,
  upstream: VectorsUpstream,
  vectors: readonly Vector[],
): Promise<TestGateway> {
  const urls = { main: upstream.url, down: await refusedUrl() }
  const policy = policyFile([...vectors.flatMap(routesOf), ...ANY_HOST], urls)
  return startGateway(t, { policy, flags: ['--audit', 'all'] })
}

/** Sends every case of `vectors`, many at a time; by the vector's id. */
export async function runVectors(
  t: Test,
  { port }: TestGateway,
  vectors: readonly Vector[],
): Promise<ReadonlyMap<string, readonly { one: Case; sight: Sight }[]>> {
  const results = new Map<string, { one: Case; sight: Sight }[]>(vectors.map(({ id }) => [id, []]))
  const waiting = vectors.flatMap(vector => casesOf(vector, port)).values()
  const worker = async (): Promise<void> => {
    for (const one of waiting) results.get(one.vector.id)?.push({ one, sight: await exchange(t, port, one) })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

const AT_ONCE = 32
// Some bytes name hosts that are nobody's, and what is smuggled may name any: it must find a way to the upstream.
const ANY_HOST = [
  '  - { id: any-host, path: /r/**, upstream: main, onDenied: strip }',
  '  - { id: any-host-smuggled, path: /smuggled/**, upstream: main, onDenied: strip }',
]

import type { Load, Measurement } from './measurement.js'
import { processorSeconds } from './process-tree.js'

/**
 * For machines without wrk. Slower than what it measures, so that a rate is its own rather than the proxy's; and the
 * processor time is that of the whole run, the opening of connections included.
 */
export async function runAutocannon(load: Load): Promise<Measurement> {
  const autocannon = await findAutocannon()
  const before = processorSeconds(load.pid)
  const result = await autocannon({
    url: `http://127.0.0.1:${load.port}`,
    connections: load.connections,
    duration: load.seconds,
    requests: load.requests.map(({ body, ...rest }) =>
      body > 0 ? { ...rest, body: 'x'.repeat(body) } : rest,
    ),
  })
  const answers = result.requests.total
  return {
    processorMicros: ((processorSeconds(load.pid) - before) * 1e6) / answers,
    requestsPerSecond: answers / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    refused: result['4xx'] + result['5xx'],
    answers,
    errors: result.errors + result.timeouts,
  }
}

/** What we read of what it tells; it has no types of its own. */
interface Result {
  readonly requests: { readonly total: number }
  readonly latency: { readonly p50: number; readonly p99: number }
  readonly duration: number
  readonly '4xx': number
  readonly '5xx': number
  readonly errors: number
  readonly timeouts: number
}

async function findAutocannon(): Promise<(options: object) => Promise<Result>> {
  // No dependency of ours: a name that the compiler does not look up.
  const name: string = 'autocannon'
  try {
    return ((await import(name)) as { default: (options: object) => Promise<Result> }).default
  } catch {
    throw new Error('a load generator is needed: apt-get install wrk, or npm install --no-save autocannon')
  }
}

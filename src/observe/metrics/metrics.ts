import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { DecisionFacts } from '../events/audit-event.js'
import { UPSTREAM_RESULTS, type UpstreamResult } from '../events/upstream-result.js'
import { Tally } from './tally.js'

/**
 * The gateway's metrics. Labels are what the policy names and what the code lists, never what a request says: the
 * number of series does not depend on the traffic.
 */
export interface Metrics {
  readonly contentType: string
  /** Prometheus text exposition. */
  exposition(): Promise<string>
  /** The same as data, for `mergeMetrics` and `currentLoad`. */
  series(): Promise<readonly object[]>
  requestStarted(): void
  requestEnded(): void
  webSocketOpened(): void
  webSocketClosed(): void
  decision(facts: Pick<DecisionFacts, 'route' | 'kind' | 'outcome' | 'enforced' | 'reason'>): void
  stripped(upstream: string, headers: number): void
  upstream(upstream: string, result: UpstreamResult, milliseconds: number): void
  audit(result: 'written' | 'folded' | 'dropped'): void
  reload(outcome: 'loaded' | 'rejected' | 'unchanged'): void
  /** The policy in force, and what it names: series of routes and upstreams that it does not are dropped. */
  policy(
    revision: string,
    generation: number,
    routes: ReadonlySet<string>,
    upstreams: ReadonlySet<string>,
  ): void
}

/** What is asked at each scrape rather than counted. */
export interface MetricSources {
  auditFailing(): boolean
  auditBacklogBytes(): number
  pools(): Iterable<PoolState>
}

export interface PoolState {
  readonly upstream: string
  readonly active: number
  readonly waiting: number
  readonly connections: number
  readonly queue: number
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  let inFlight = 0
  new Gauge({
    name: 'crossgate_requests_in_flight',
    help: 'HTTP requests being served; not WebSockets.',
    registers,
    collect() {
      this.set(inFlight)
    },
  })
  const webSockets = new Gauge({
    name: 'crossgate_websockets_open',
    help: 'WebSockets, from the handshake until both connections have closed.',
    registers,
  })
  // A request may end after its route and upstream have gone from the policy: their series would come back and stay.
  let known: Named | undefined
  const isKnownUpstream = (name: string) => known?.upstreams.has(name) !== false
  const decisions = new Tally({
    name: 'crossgate_decisions_total',
    help: 'Decisions; outcome "reported" is a denial in report mode, where nothing was refused.',
    labelNames: ['route', 'kind', 'outcome', 'reason'],
    admits: route => route === '' || known?.routes.has(route) !== false,
    registers,
  })
  const stripped = new Tally({
    name: 'crossgate_upstream_stripped_headers_total',
    help: 'CORS header lines removed from upstream responses.',
    labelNames: ['upstream'],
    admits: isKnownUpstream,
    registers,
  })
  const requests = new Tally({
    name: 'crossgate_upstream_requests_total',
    help: 'Requests to upstreams by how they ended.',
    labelNames: ['upstream', 'result'],
    admits: isKnownUpstream,
    registers,
  })
  const duration = new Histogram({
    name: 'crossgate_upstream_duration_seconds',
    help: 'Time from forwarding a request to the end of its response; not of those that the client ended, or that were shed.',
    labelNames: ['upstream'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const audit = new Counter({
    name: 'crossgate_audit_records_total',
    help: 'Audit records written, folded into a summary, or dropped because they could not be written.',
    labelNames: ['result'],
    registers,
  })
  const reloads = new Counter({
    name: 'crossgate_policy_reload_total',
    help: 'Times the policy was read, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const reloadOk = new Gauge({
    name: 'crossgate_policy_reload_last_success',
    help: '1 where the policy on disk is the one in force, 0 where it was refused.',
    registers,
  })
  const reloadTime = new Gauge({
    name: 'crossgate_policy_reload_last_success_timestamp_seconds',
    help: 'When the policy in force was loaded.',
    registers,
  })
  const info = new Gauge({
    name: 'crossgate_policy_info',
    help: 'The policy in force, always 1.',
    labelNames: ['revision'],
    registers,
  })
  const generationGauge = new Gauge({
    name: 'crossgate_policy_generation',
    help: 'How many policies have been in force since the start.',
    registers,
  })
  addSourceGauges(sources, registers)

  for (const result of ['written', 'folded', 'dropped']) audit.inc({ result }, 0)
  for (const outcome of ['loaded', 'rejected', 'unchanged']) reloads.inc({ outcome }, 0)

  return {
    contentType: registry.contentType,
    exposition: () => registry.metrics(),
    series: () => registry.getMetricsAsJSON(),
    requestStarted() {
      inFlight++
    },
    requestEnded() {
      inFlight--
    },
    webSocketOpened: () => webSockets.inc(),
    webSocketClosed: () => webSockets.dec(),
    decision({ route = '', kind, outcome, enforced, reason }) {
      const label = outcome === 'denied' && !enforced ? 'reported' : outcome
      decisions.add([route, kind, label, reason])
    },
    stripped: (upstream, headers) => stripped.add([upstream], headers),
    upstream(upstream, result, milliseconds) {
      requests.add([upstream, result])
      if (UPSTREAM_RESULTS[result].isTimed && isKnownUpstream(upstream))
        duration.observe({ upstream }, milliseconds / 1000)
    },
    audit: result => audit.inc({ result }),
    reload(outcome) {
      reloads.inc({ outcome })
      reloadOk.set(outcome === 'rejected' ? 0 : 1)
    },
    policy(revision, generation, routes, upstreams) {
      info.reset()
      info.set({ revision }, 1)
      generationGauge.set(generation)
      reloadTime.set(Date.now() / 1000)
      reloadOk.set(1)
      const before = known
      known = { routes, upstreams }
      for (const route of before?.routes ?? []) if (!routes.has(route)) decisions.forget(route)
      for (const upstream of before?.upstreams ?? []) {
        if (upstreams.has(upstream)) continue
        requests.forget(upstream)
        stripped.forget(upstream)
        duration.remove({ upstream })
      }
      // From the start, so that an alert on a rate has something to rise from.
      for (const upstream of upstreams) {
        stripped.add([upstream], 0)
        for (const result of ['complete', 'overloaded', 'shed']) requests.add([upstream, result], 0)
      }
    },
  }
}

interface Named {
  readonly routes: ReadonlySet<string>
  readonly upstreams: ReadonlySet<string>
}

function addSourceGauges(sources: MetricSources, registers: Registry[]): void {
  new Gauge({
    name: 'crossgate_audit_failing',
    help: '1 while audit records cannot be written.',
    registers,
    collect() {
      this.set(sources.auditFailing() ? 1 : 0)
    },
  })
  new Gauge({
    name: 'crossgate_audit_backlog_bytes',
    help: 'Audit records that wait in memory to be written.',
    registers,
    collect() {
      this.set(sources.auditBacklogBytes())
    },
  })
  for (const [name, help, read] of POOL_GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['upstream'],
      registers,
      collect() {
        this.reset()
        for (const pool of sources.pools()) this.set({ upstream: pool.upstream }, read(pool))
      },
    })
  }
}

const POOL_GAUGES: readonly (readonly [string, string, (pool: PoolState) => number])[] = [
  ['crossgate_upstream_connections_active', 'Connections that carry a request.', pool => pool.active],
  ['crossgate_upstream_connections_limit', 'Connections at most.', pool => pool.connections],
  ['crossgate_upstream_queue', 'Requests that wait for a connection.', pool => pool.waiting],
  ['crossgate_upstream_queue_limit', 'Requests that may wait.', pool => pool.queue],
]

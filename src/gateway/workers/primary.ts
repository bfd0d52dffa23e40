import { Counter, Gauge, Registry } from '@prometheus-io/client'
import { mergeMetrics, mergeSeries, type Series, without } from '../../observe/metrics/merge-metrics.js'
import type { Settings } from '../../settings.js'
import { AT_ONCE } from '../listener/drain.js'
import { withoutCeiling } from '../loading/load-policy.js'
import { type OpenedParts, openParts, type StartFailure } from '../open-parts.js'
import { type Prepared, type Running, runGateway } from '../server.js'
import { replay } from './activity-relay.js'
import { WorkerFleet } from './worker-fleet.js'

/**
 * `--workers N`: serves no request itself, but is where everything comes together: it watches the policy and gives it
 * to all workers or none, adds up their metrics, shows what they saw, and replaces those that die. To whoever runs it,
 * it is one gateway like any other.
 *
 * @param stop ends the start: it fails then
 */
export async function preparePrimary(
  settings: Settings,
  stop: AbortSignal,
): Promise<Prepared | StartFailure> {
  const opened = await openParts(settings, stop)
  return 'exit' in opened ? opened : { start: () => startPrimary(settings, opened, stop) }
}

async function startPrimary(
  settings: Settings,
  opened: OpenedParts,
  stop: AbortSignal,
): Promise<Running | StartFailure> {
  const { log, snapshot, records } = opened
  const { metrics, activity } = records
  const own = ownMetrics(settings.workers, () => fleet.serving)
  const fleet = new WorkerFleet({
    size: settings.workers,
    loadTimeout: settings.policyLoadTimeout,
    hangTime: HANG_MILLISECONDS,
    files: withoutCeiling(snapshot.files, settings.ceiling || undefined),
    log,
    onActivity: told => replay(activity, told),
    onAuditChanged: () => activity.changed(),
    onReplaced: () => own.replaced.inc(),
  })
  const end = () => fleet.stop(AT_ONCE)
  stop.addEventListener('abort', end)
  const begun = await fleet.start()
  stop.removeEventListener('abort', end)
  if ('error' in begun) {
    await end()
    return { exit: 1, message: begun.error, problems: begun.problems, files: snapshot.files }
  }
  // The policy's state is the primary's, the upstreams' the workers'; all else adds up.
  const allSeries = async (): Promise<Series[]> => [
    without(await metrics.series(), 'crossgate_upstream_'),
    await own.registry.getMetricsAsJSON(),
    ...(await fleet.series()).map(series => without(series, 'crossgate_policy_')),
  ]
  return runGateway(settings, opened, {
    url: begun.url,
    metrics: {
      ...metrics,
      exposition: async () => mergeMetrics(await allSeries()),
      series: async () => mergeSeries(await allSeries()),
    },
    get serving() {
      return fleet.serving > 0
    },
    get auditTrouble() {
      return fleet.auditTrouble
    },
    followers: fleet,
    reopenAudit: () => fleet.reopen(),
    stop: times => fleet.stop(times),
  })
}

function ownMetrics(size: number, serving: () => number) {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({ name: 'crossgate_workers', help: 'Worker processes as configured.', registers }).set(size)
  new Gauge({
    name: 'crossgate_workers_serving',
    help: 'Worker processes that serve.',
    registers,
    collect() {
      this.set(serving())
    },
  })
  const replaced = new Counter({
    name: 'crossgate_workers_replaced_total',
    help: 'Worker processes that died and in whose place another serves.',
    registers,
  })
  return { registry, replaced }
}

// No collection and no policy holds a worker for so long: large ones are loaded in a thread.
const HANG_MILLISECONDS = 30_000

import { Counter, Gauge, Registry } from '@prometheus-io/client'
import { mergeMetrics, mergeSeries, type Series, without } from '../../observe/merge-metrics.js'
import type { Settings } from '../../settings.js'
import { closeGeneration } from '../loading/generation.js'
import { withoutCeiling } from '../loading/load-policy.js'
import { PolicyControl } from '../loading/policy-control.js'
import { failure, openParts, type Running, type StartFailure } from '../server.js'
import { replay } from './activity-relay.js'
import { WorkerFleet } from './worker-fleet.js'

/**
 * `--workers N`: serves no request itself, but is where everything comes together: it watches the policy and gives it
 * to all workers or none, adds up their metrics, shows what they saw, and replaces those that die. To whoever runs it,
 * it is one gateway like any other.
 */
export async function startPrimary(settings: Settings): Promise<Running | StartFailure> {
  const opened = await openParts(settings)
  if ('exit' in opened) return opened
  const { log, snapshot, live, records } = opened
  const { sink, audit, metrics, activity } = records
  const ceiling = settings.ceiling || undefined
  const own = ownMetrics(settings.workers, () => fleet.serving)
  const fleet = new WorkerFleet({
    size: settings.workers,
    loadTimeout: settings.policyLoadTimeout,
    files: withoutCeiling(snapshot.files, ceiling),
    log,
    onActivity: told => replay(activity, told),
    onReplaced: () => own.replaced.inc(),
  })
  const begun = await fleet.start()
  if ('error' in begun) {
    await fleet.stop({ delay: 0, timeout: 0 })
    return failure(1, begun.error)
  }
  const parts = {
    path: settings.policy,
    ceiling,
    poll: settings.policyPoll,
    loadTimeout: settings.policyLoadTimeout,
    audit,
    metrics,
    activity,
    log,
    followers: fleet,
  }
  const policy = new PolicyControl(parts, live, snapshot)
  // The policy's state is the primary's, the upstreams' the workers'; all else adds up.
  const allSeries = async (): Promise<Series[]> => [
    without(await metrics.series(), 'crossgate_upstream_'),
    await own.registry.getMetricsAsJSON(),
    ...(await fleet.series()).map(series => without(series, 'crossgate_policy_')),
  ]
  const { url } = begun
  log.info({
    event: 'gateway.started',
    url,
    policyRevision: live.current.policy.revision,
    workers: settings.workers,
  })
  let stopping = false
  return {
    url,
    live,
    policy,
    activity,
    log,
    metrics: {
      ...metrics,
      exposition: async () => mergeMetrics(await allSeries()),
      series: async () => mergeSeries(await allSeries()),
    },
    get ready() {
      return !stopping && fleet.serving > 0
    },
    reread: () => policy.reread(),
    reopenAudit() {
      try {
        sink.reopen()
        fleet.reopen()
        log.info({ event: 'audit.reopened', file: settings.auditFile })
      } catch (error) {
        log.error({ event: 'audit.reopen_failed', error: (error as Error).message })
      }
    },
    stop: async (reason, times) => {
      stopping = true
      log.info({ event: 'gateway.stopping', reason })
      policy.close()
      await fleet.stop(times)
      await closeGeneration(live.current)
      audit.close()
      sink.close()
      log.info({ event: 'gateway.stopped' })
    },
  }
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
    help: 'Worker processes that died and were replaced.',
    registers,
  })
  return { registry, replaced }
}

import type { Problem } from '../../policy/problems/problem.js'
import type { Settings } from '../../settings.js'
import { type DataPlane, openDataPlane } from '../data-plane.js'
import { closeGeneration, putInForce } from '../loading/generation.js'
import { MAX_LISTED } from '../loading/listed-problems.js'
import type { Generation } from '../loading/live-policy.js'
import { openNext, type Refusal } from '../loading/next-generation.js'
import { countPolicy } from '../loading/policy-history.js'
import type { PolicyFile } from '../loading/policy-source.js'
import { openServing, type ServingParts } from '../open-parts.js'
import { endLog, operationsLog } from '../operations-log.js'
import { ActivityRelay } from './activity-relay.js'
import { relayTrouble } from './trouble-relay.js'
import type { FromWorker, ToWorker } from './worker-messages.js'

/**
 * One of several processes that serve the same port: the data plane alone. It does what the primary tells it, and ends
 * when that says so, and at once when that is gone. The signals of a terminal or an init reach it too; they are the primary's to act on.
 */
export async function runWorker(settings: Settings): Promise<number> {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(name, () => {})
  const inbox: ToWorker[] = []
  let worker: Worker | undefined
  // Ends what it loads, so that it hears of the rest.
  const ending = new AbortController()
  let wake = (): void => {}
  process.on('message', (message: ToWorker) => {
    // At any time, also while it drains.
    if (message.type === 'ping') tell({ type: 'pong' })
    else if (message.type === 'series') void worker?.act(message)
    else inbox.push(message)
    if (message.type === 'stop') ending.abort()
    wake()
  })
  // Before `node:cluster` does: it would call `process.exit`, which waits for a thread that hangs as it loads.
  process.prependListener('disconnect', () => {
    try {
      worker?.close()
    } finally {
      process.kill(process.pid, 'SIGKILL')
    }
  })
  tell({ type: 'hello' })
  for (;;) {
    const message = inbox.shift()
    if (message === undefined) {
      await new Promise<void>(resolve => {
        wake = resolve
        if (inbox.length > 0) resolve()
      })
    } else if (message.type === 'begin') {
      const begun = await startWorker(settings, message.files, ending.signal)
      if ('error' in begun) {
        tell({ type: 'failed', ...begun })
        return 1
      }
      worker = begun
      tell({ type: 'ready' })
    } else {
      const beforeIt = message.type === 'stop' ? 0 : undefined
      const code = worker === undefined ? beforeIt : await worker.act(message)
      if (code !== undefined) return code
    }
  }
}

interface Worker {
  /** Does what a message asks. @returns the exit code where that is the end */
  act(message: ToWorker): Promise<number | undefined>
  /** Writes down what is counted but not yet recorded. */
  close(): void
}

async function startWorker(
  whole: Settings,
  files: readonly PolicyFile[],
  stop: AbortSignal,
): Promise<Worker | Refusal> {
  const share = whole.workers
  // Within the ceiling, as the primary has seen.
  const settings = { ...whole, ceiling: '', maxConnections: Math.ceil(whole.maxConnections / share) }
  const log = operationsLog(settings, { worker: process.pid })
  const activity = new ActivityRelay(activity => tell({ type: 'activity', activity }))
  const opened = await openServing(settings, { files, log, activity, stop, share })
  if ('exit' in opened) return refusalOf(opened)
  try {
    return serveAsWorker(settings, opened, await openDataPlane(settings, opened), stop)
  } catch (error) {
    return refusalOf(error as Error)
  }
}

function serveAsWorker(
  { workers, policyLoadTimeout: timeout }: Settings,
  { live, log, recurring, records }: ServingParts<ActivityRelay>,
  plane: DataPlane,
  signal: AbortSignal,
): Worker {
  const { sink, audit, metrics, activity } = records
  const close = (): void => {
    audit.close()
    sink.close()
    recurring.close()
  }
  let prepared: Generation | undefined
  countPolicy(metrics, live.current.policy, 0)
  relayTrouble(sink, trouble => tell({ type: 'audit', trouble }))
  return {
    async act(message) {
      switch (message.type) {
        case 'listen':
          try {
            tell({ type: 'serving', url: await plane.listen() })
          } catch (error) {
            tell({ type: 'failed', ...refusalOf(error as Error) })
            return 1
          }
          return
        case 'prepare': {
          const next = await openNext(message.files, live.current, { timeout, signal }, workers)
          prepared = 'error' in next ? undefined : next
          tell({ type: 'prepared', id: message.id, refusal: 'error' in next ? firstOf(next) : undefined })
          return
        }
        case 'commit':
          if (prepared === undefined) return
          putInForce(live, prepared)
          prepared = undefined
          countPolicy(metrics, live.current.policy, 0)
          return
        case 'abort':
          if (prepared !== undefined) void closeGeneration(prepared, live.current)
          prepared = undefined
          return
        case 'series':
          tell({ type: 'series', id: message.id, series: await metrics.series() })
          return
        case 'reopen':
          try {
            sink.reopen()
          } catch (error) {
            log.error({ event: 'audit.reopen_failed', error: (error as Error).message })
          }
          return
        case 'stop':
          await plane.stop(message.times)
          await closeGeneration(live.current)
          close()
          activity.close()
          endLog(log)
          return 0
      }
    },
    close,
  }
}

function refusalOf({ message, problems = [] }: { message: string; problems?: readonly Problem[] }): Refusal {
  return firstOf({ error: message, problems: problems.filter(({ severity }) => severity === 'error') })
}

// As many as a log line has: there can be one for each origin of a large policy.
function firstOf({ error, problems }: Refusal): Refusal {
  return { error, problems: problems.slice(0, MAX_LISTED) }
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

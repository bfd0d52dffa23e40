import type { Problem } from '../../policy/problems/problem.js'
import type { Settings } from '../../settings.js'
import { type DataPlane, openDataPlane } from '../data-plane.js'
import { closeGeneration } from '../loading/generation.js'
import { MAX_LISTED } from '../loading/listed-problems.js'
import type { Generation } from '../loading/live-policy.js'
import { openNext, type Refusal } from '../loading/next-generation.js'
import type { PolicyFile } from '../loading/policy-source.js'
import { openKeyPair, openPolicy, openRecords } from '../open-parts.js'
import { operationsLog } from '../operations-log.js'
import { ActivityRelay } from './activity-relay.js'
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
    if (message.type === 'series') void worker?.act(message)
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
    } else if (message.type === 'listen') {
      const listening = await worker!.listen()
      tell(listening)
      if (listening.type === 'failed') return 1
    } else if (message.type === 'stop') {
      await worker?.stop(message.times)
      return 0
    } else await worker?.act(message)
  }
}

interface Worker {
  listen(): Promise<Extract<FromWorker, { type: 'serving' | 'failed' }>>
  act(message: ToWorker): Promise<void>
  stop(times: { delay: number; timeout: number }): Promise<void>
  /** Writes down what is counted but not yet recorded. */
  close(): void
}

async function startWorker(
  whole: Settings,
  files: readonly PolicyFile[],
  signal: AbortSignal,
): Promise<Worker | Refusal> {
  const share = whole.workers
  const settings = { ...whole, maxConnections: Math.ceil(whole.maxConnections / share) }
  const log = operationsLog(settings, { worker: process.pid })
  // Within the ceiling, as the primary has seen.
  const unbounded = { ...settings, ceiling: '' }
  const live = await openPolicy({ files, error: undefined }, unbounded, share, signal)
  if ('exit' in live) return refusalOf(live)
  const relay = new ActivityRelay(activity => tell({ type: 'activity', activity }))
  const records = { ...openRecords(settings, live, log), activity: relay }
  const { sink, audit, metrics } = records
  const secured = openKeyPair(settings)
  if ('exit' in secured) return refusalOf(secured)
  let plane: DataPlane
  try {
    plane = await openDataPlane(settings, { live, log, records, secured })
  } catch (error) {
    return refusalOf(error as Error)
  }
  const follow = (): void => {
    const { revision, routes, resolved } = live.current.policy
    metrics.policy(revision, 0, new Set(routes.map(({ id }) => id)), new Set(resolved.upstreams.keys()))
  }
  follow()

  const close = (): void => {
    audit.close()
    sink.close()
  }
  let prepared: Generation | undefined
  return {
    async listen() {
      try {
        return { type: 'serving', url: await plane.listen() }
      } catch (error) {
        return { type: 'failed', ...refusalOf(error as Error) }
      }
    },
    async act(message) {
      switch (message.type) {
        case 'prepare': {
          const bounds = { timeout: settings.policyLoadTimeout, signal }
          const next = await openNext(message.files, live.current, bounds, share)
          prepared = 'error' in next ? undefined : next
          tell({ type: 'prepared', id: message.id, refusal: 'error' in next ? firstOf(next) : undefined })
          return
        }
        case 'commit': {
          if (prepared === undefined) return
          const previous = live.current
          live.current = prepared
          prepared = undefined
          void closeGeneration(previous, live.current)
          follow()
          return
        }
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
      }
    },
    async stop(times) {
      await plane.stop(times)
      await closeGeneration(live.current)
      close()
      relay.close()
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

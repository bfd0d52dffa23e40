import type { Settings } from '../../settings.js'
import { type DataPlane, openDataPlane } from '../data-plane.js'
import { closeGeneration, openGeneration } from '../loading/generation.js'
import type { Generation, LivePolicy } from '../loading/live-policy.js'
import { type LoadBesideOptions, loadBeside } from '../loading/load-beside.js'
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
      if (typeof begun === 'string') {
        tell({ type: 'failed', message: begun })
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
): Promise<Worker | string> {
  const share = whole.workers
  const settings = { ...whole, maxConnections: Math.ceil(whole.maxConnections / share) }
  const log = operationsLog(settings, { worker: process.pid })
  // Within the ceiling, as the primary has seen.
  const unbounded = { ...settings, ceiling: '' }
  const live = await openPolicy({ files, error: undefined }, unbounded, share, signal)
  if ('exit' in live) return live.message
  const relay = new ActivityRelay(activity => tell({ type: 'activity', activity }))
  const records = { ...openRecords(settings, live, log), activity: relay }
  const { sink, audit, metrics } = records
  const secured = openKeyPair(settings)
  if ('exit' in secured) return secured.message
  let plane: DataPlane
  try {
    plane = await openDataPlane(settings, { live, log, records, secured })
  } catch (error) {
    return (error as Error).message
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
        return { type: 'failed', message: (error as Error).message }
      }
    },
    async act(message) {
      switch (message.type) {
        case 'prepare': {
          const next = await prepare(message.files, live, share, {
            timeout: settings.policyLoadTimeout,
            signal,
          })
          prepared = typeof next === 'string' ? undefined : next
          tell({ type: 'prepared', id: message.id, error: typeof next === 'string' ? next : undefined })
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

async function prepare(
  files: readonly PolicyFile[],
  live: LivePolicy,
  share: number,
  bounds: Pick<LoadBesideOptions, 'timeout' | 'signal'>,
): Promise<Generation | string> {
  try {
    const { policy } = await loadBeside(files, bounds)
    return policy === undefined ? 'the policy is invalid' : openGeneration(policy, live.current, share)
  } catch (error) {
    return (error as Error).message
  }
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Settings } from '../settings.js'

/** The gateway's own log, on stderr: one JSON object per line, its level as a word as in the audit log. */
export function operationsLog(
  { logLevel }: Pick<Settings, 'logLevel'>,
  base: Readonly<Record<string, unknown>> | null = null,
): Logger {
  const formatters = { level: (label: string) => ({ level: label }) }
  const timestamp = pino.stdTimeFunctions.isoTime
  const stream = pino.destination(2)
  const log = pino({ level: logLevel, base, timestamp, formatters }, stream)
  STREAMS.set(log, stream)
  return log
}

/**
 * Logs the last record of a process, and resolves when it is written. Lines are written beside the requests, one after
 * the other; but the end of the process writes at once what waits, before the line that is under way.
 */
export async function logLast(log: Logger, record: { readonly event: string }): Promise<void> {
  const stream = STREAMS.get(log)
  const written = stream !== undefined && log.isLevelEnabled('info') ? once(stream, 'drain') : undefined
  log.info(record)
  // Whoever does not read stderr keeps nobody from ending.
  await Promise.race([written?.catch(() => {}), setTimeout(LONGEST_MS)])
}

type Stream = DestinationStream & NodeJS.EventEmitter

const STREAMS = new WeakMap<Logger, Stream>()
const LONGEST_MS = 1000

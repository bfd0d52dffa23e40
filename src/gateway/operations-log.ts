import { type Logger, pino } from 'pino'
import { LineSink } from '../observe/log/line-sink.js'
import { Patience } from '../observe/log/patience.js'
import { standardOutlet } from '../observe/log/standard-outlet.js'
import type { Settings } from '../settings.js'

/**
 * The gateway's own log, on stderr: one JSON object per line, its level as a word as in the audit log. What stderr does
 * not take costs no request: lines wait within a bound, and those beyond it are told as `log.dropped` once it takes them
 * again.
 */
export function operationsLog(
  { logLevel }: Pick<Settings, 'logLevel'>,
  base: Readonly<Record<string, unknown>> | null = null,
): Logger {
  const formatters = { level: (label: string) => ({ level: label }) }
  const timestamp = pino.stdTimeFunctions.isoTime
  const sink = new LineSink({
    outlet: standardOutlet(2),
    bufferBytes: 1024 ** 2,
    patience: new Patience(0),
    // A full pipe in so short a time is as much as anybody logs.
    retry: 25,
    onRecovered(dropped) {
      if (dropped > 0) log.warn({ event: 'log.dropped', dropped })
    },
  })
  const log = pino({ level: logLevel, base, timestamp, formatters }, sink)
  SINKS.set(log, sink)
  return log
}

/** Writes what waits, for a second at most: whoever does not read stderr keeps nobody from ending. */
export function endLog(log: Logger): void {
  SINKS.get(log)?.close()
}

const SINKS = new WeakMap<Logger, LineSink>()

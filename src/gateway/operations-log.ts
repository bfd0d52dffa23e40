import { type Logger, pino } from 'pino'
import type { Settings } from '../settings.js'

/** The gateway's own log, on stderr: one JSON object per line, its level as a word as in the audit log. */
export function operationsLog(
  { logLevel }: Pick<Settings, 'logLevel'>,
  base: Readonly<Record<string, unknown>> | null = null,
): Logger {
  const formatters = { level: (label: string) => ({ level: label }) }
  const timestamp = pino.stdTimeFunctions.isoTime
  return pino({ level: logLevel, base, timestamp, formatters }, pino.destination(2))
}

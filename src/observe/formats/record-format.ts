import type { LoggerOptions } from 'pino'
import { ecsRecord } from './ecs-record.js'
import type { NativeRecord } from './native-record.js'
import { ocsfRecord, ocsfSeverity } from './ocsf-record.js'

export type RecordFormat = 'native' | 'ecs' | 'ocsf'

/** How pino writes a record in a format: what it calls time and level, and what becomes of the rest. */
export const RECORD_FORMATS: Readonly<Record<RecordFormat, Pick<LoggerOptions, 'timestamp' | 'formatters'>>> =
  {
    native: {
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: level => ({ level }) },
    },
    ecs: {
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: {
        level: label => ({ 'log.level': label }),
        log: record => ecsRecord(record as NativeRecord),
      },
    },
    ocsf: {
      timestamp: () => `,"time":${Date.now()}`,
      formatters: { level: ocsfSeverity, log: record => ocsfRecord(record as NativeRecord) },
    },
  }

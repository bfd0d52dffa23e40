import { randomBytes } from 'node:crypto'
import { type DestinationStream, pino } from 'pino'
import type { AuditEvent } from './audit-event.js'

/** Where decisions and policy changes are recorded: one JSON object per line, written before it returns. */
export interface AuditLog {
  decision(event: AuditEvent): void
  policyLoaded(facts: {
    readonly policyRevision: string
    readonly routes: number
    readonly path: string
  }): void
}

/**
 * @param destination a synchronous stream: a record must be out before the response it speaks of
 * @param level which decisions are recorded; policy changes always are
 */
export function createAuditLog(destination: DestinationStream, level: 'denied' | 'all'): AuditLog {
  const boot = randomBytes(6).toString('hex')
  let seq = 0
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      // The sequence number and the boot id make a missing record provable.
      mixin: () => ({ seq: ++seq, boot }),
    },
    destination,
  )
  return {
    decision(event) {
      if (event.outcome === 'denied') log.warn(event)
      else if (level === 'all') log.info(event)
    },
    policyLoaded(facts) {
      log.info({ event: 'policy.loaded', schema: 1, ...facts })
    },
  }
}

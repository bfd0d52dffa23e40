import { randomBytes } from 'node:crypto'
import { type DestinationStream, pino } from 'pino'
import { AUDIT_SCHEMA, type AuditEvent } from '../events/audit-event.js'
import type { PolicyLoadedEvent, PolicyRejectedEvent, StrippedEvent } from '../events/operations-event.js'
import { RECORD_FORMATS, type RecordFormat } from '../formats/record-format.js'
import { Fold } from './fold.js'
import { keyOfDenial, overflowedDenial, overflowKeyOfDenial } from './fold-decisions.js'
import { keyOfStripped, overflowKeyOfStripped } from './fold-stripped.js'

/** Where decisions and policy changes are recorded: one JSON object per line, written before it returns. */
export interface AuditLog {
  /** Counts an allowed decision; true where this one is to be given to `decision`. */
  keepsNextAllowed(): boolean
  decision(event: AuditEvent): void
  corsStripped(event: StrippedEvent): void
  policyLoaded(facts: PolicyLoadedEvent): void
  policyRejected(facts: PolicyRejectedEvent): void
  /** Says how many records could not be kept while the destination took none. */
  dropped(count: number): void
  /** Writes the summaries that are due and the last record, so that a missing tail can be told from a clean end. */
  close(): void
}

export interface AuditLogOptions {
  /** A synchronous stream: a record must be out before the response it speaks of. */
  readonly destination: DestinationStream
  readonly format: RecordFormat
  /** One allowed decision in this many is recorded; 0: none. */
  readonly allowed: number
  /** See `Fold`. */
  readonly window: number
  readonly keys: number
  /** Called for each denial that is counted into a summary instead of being written. */
  onFolded?(): void
}

export function createAuditLog(options: AuditLogOptions): AuditLog {
  const { destination, format, allowed, window, keys } = options
  const boot = randomBytes(6).toString('hex')
  let seq = 0
  const log = pino(
    {
      base: null,
      ...RECORD_FORMATS[format],
      // The sequence number and the boot id make a missing record provable.
      mixin: () => ({ seq: ++seq, boot }),
    },
    destination,
  )
  const folded = options.onFolded ?? noop
  const denials = new Fold<AuditEvent>({
    window,
    keys,
    keyOf: keyOfDenial,
    overflowKeyOf: overflowKeyOfDenial,
    emit: (event, counts) => log.warn({ ...event, ...counts }),
    overflowed: overflowedDenial,
    folded,
  })
  const stripped = new Fold<StrippedEvent>({
    window,
    keys,
    keyOf: keyOfStripped,
    overflowKeyOf: overflowKeyOfStripped,
    emit: (event, counts) => log.warn({ ...strippedRecord(event), ...counts }),
    overflowed: latest => latest,
    folded: noop,
  })
  let sampled = 0

  return {
    keepsNextAllowed: () => allowed > 0 && sampled++ % allowed === 0,
    decision(event) {
      if (event.outcome === 'denied') denials.add(event)
      else log.info({ ...event, ...(allowed > 1 && { sampled: allowed }) })
    },
    corsStripped(event) {
      stripped.add(event)
    },
    policyLoaded: facts =>
      log.info({ event: 'policy.loaded', schema: AUDIT_SCHEMA, ...facts, auditWindow: window }),
    policyRejected: facts => log.error({ event: 'policy.rejected', schema: AUDIT_SCHEMA, ...facts }),
    dropped: count => log.error({ event: 'audit.dropped', schema: AUDIT_SCHEMA, count }),
    close() {
      denials.flush()
      stripped.flush()
      log.info({ event: 'audit.closed', schema: AUDIT_SCHEMA })
    },
  }
}

function strippedRecord({ kind, enforced, ...facts }: StrippedEvent): object {
  const { upstream, route, headers } = kind
  return {
    event: 'upstream.cors_stripped',
    schema: AUDIT_SCHEMA,
    upstream,
    route,
    enforced,
    headers,
    ...facts,
  }
}

function noop(): void {}

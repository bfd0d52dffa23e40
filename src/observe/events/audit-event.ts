import type { Kind } from '../../cors/classify.js'
import { printable } from './printable.js'

/** Version of the record's shape; fields are added without raising it, never renamed or removed. */
export const AUDIT_SCHEMA = 1

/**
 * What a decision's record is made from. Text is as received: it is capped and escaped here. Records are kept for a while,
 * and there may be very many: nothing here may hold on to more than it says.
 */
export interface DecisionFacts {
  readonly outcome: 'allowed' | 'denied'
  readonly enforced: boolean
  readonly kind: Kind
  readonly reason: string
  /** See `AuditEvent`. */
  readonly hint: string | undefined
  readonly origin: string | undefined
  readonly method: string
  readonly host: string
  /** Without the query, which may hold secrets. */
  readonly path: string
  readonly route: string | undefined
  /** From 0, as in the policy file. */
  readonly rule: number | undefined
  /** What the client got; 499 where it left before an answer. */
  readonly status: number
  readonly client: string
  readonly requestId: string
  readonly traceId: string | undefined
  readonly policyRevision: string
  /** What a preflight announces; undefined on other requests. */
  readonly requestedMethod?: string | undefined
  readonly requestedHeaders?: string | undefined
}

/** A decision's audit record, less what the log adds to each line: time, level, seq, boot. */
export interface AuditEvent {
  readonly event: 'cors.denied' | 'cors.allowed'
  readonly schema: number
  readonly outcome: 'allowed' | 'denied'
  readonly enforced: boolean
  readonly kind: Kind
  readonly reason: string
  /** The near miss and the entry it missed, e.g. `other-scheme https://www.shop.example`; or what was spoken on the TLS port. */
  readonly hint?: string | undefined
  readonly origin?: string | undefined
  readonly method: string
  readonly host: string
  readonly path: string
  readonly route?: string | undefined
  readonly rule?: number | undefined
  readonly status: number
  readonly client: string
  readonly requestId: string
  readonly traceId?: string | undefined
  readonly policyRevision: string
  /** Preflights: Access-Control-Request-Method and -Headers. */
  readonly requestedMethod?: string | undefined
  readonly requestedHeaders?: string | undefined
}

export function auditEvent(facts: DecisionFacts): AuditEvent {
  return new DecisionEvent(facts)
}

// A class, since one is made for every denial and most are only counted: no spreads.
class DecisionEvent implements AuditEvent {
  readonly event: AuditEvent['event']
  readonly schema = AUDIT_SCHEMA
  readonly outcome: AuditEvent['outcome']
  readonly enforced: boolean
  readonly kind: Kind
  readonly reason: string
  readonly hint: string | undefined
  readonly origin: string | undefined
  readonly method: string
  readonly host: string
  readonly path: string
  readonly route: string | undefined
  readonly rule: number | undefined
  readonly status: number
  readonly client: string
  readonly requestId: string
  readonly traceId: string | undefined
  readonly policyRevision: string
  readonly requestedMethod: string | undefined
  readonly requestedHeaders: string | undefined

  constructor(facts: DecisionFacts) {
    this.event = facts.outcome === 'denied' ? 'cors.denied' : 'cors.allowed'
    this.outcome = facts.outcome
    this.enforced = facts.enforced
    this.kind = facts.kind
    this.reason = facts.reason
    this.hint = printed(facts.hint, 320)
    this.origin = printed(facts.origin, 256)
    this.method = printable(facts.method, 32)
    this.host = printable(facts.host, 256)
    this.path = printable(facts.path, 512)
    this.route = facts.route
    this.rule = facts.rule
    this.status = facts.status
    this.client = facts.client
    this.requestId = facts.requestId
    this.traceId = facts.traceId
    this.policyRevision = facts.policyRevision
    this.requestedMethod = printed(facts.requestedMethod, 32)
    this.requestedHeaders = printed(facts.requestedHeaders, 256)
  }
}

function printed(text: string | undefined, limit: number): string | undefined {
  return text === undefined ? undefined : printable(text, limit)
}

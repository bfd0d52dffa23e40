import type { Kind } from '../cors/classify.js'
import type { NearMiss } from '../cors/near-miss.js'
import { printable } from './printable.js'

/** Version of the record's shape; fields are added without raising it, never renamed or removed. */
export const AUDIT_SCHEMA = 1

/** What a decision's record is made from. Text is as received: it is capped and escaped here. */
export interface DecisionFacts {
  readonly outcome: 'allowed' | 'denied'
  readonly enforced: boolean
  readonly kind: Kind
  readonly reason: string
  /** Asked when the event is written or shown: of a flood of equal denials, few ever are. It must hold on to little. */
  readonly nearMiss: (() => NearMiss | undefined) | undefined
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
  /** The near miss and the entry it missed, e.g. `other-scheme https://www.shop.example`. */
  readonly hint?: string | undefined
  readonly origin?: string
  readonly method: string
  readonly host: string
  readonly path: string
  readonly route?: string
  readonly rule?: number
  readonly status: number
  readonly client: string
  readonly requestId: string
  readonly traceId?: string
  readonly policyRevision: string
  /** Preflights: Access-Control-Request-Method and -Headers. */
  readonly requestedMethod?: string
  readonly requestedHeaders?: string
}

export function auditEvent(facts: DecisionFacts): AuditEvent {
  const { nearMiss } = facts
  return {
    event: facts.outcome === 'denied' ? 'cors.denied' : 'cors.allowed',
    schema: AUDIT_SCHEMA,
    outcome: facts.outcome,
    enforced: facts.enforced,
    kind: facts.kind,
    reason: facts.reason,
    get hint() {
      return hintOf(nearMiss?.())
    },
    ...(facts.origin !== undefined && { origin: printable(facts.origin, 256) }),
    method: printable(facts.method, 32),
    host: printable(facts.host, 256),
    path: printable(facts.path, 512),
    ...(facts.route !== undefined && { route: facts.route }),
    ...(facts.rule !== undefined && { rule: facts.rule }),
    status: facts.status,
    client: facts.client,
    requestId: facts.requestId,
    ...(facts.traceId !== undefined && { traceId: facts.traceId }),
    policyRevision: facts.policyRevision,
    ...(facts.requestedMethod !== undefined && { requestedMethod: printable(facts.requestedMethod, 32) }),
    ...(facts.requestedHeaders !== undefined && { requestedHeaders: printable(facts.requestedHeaders, 256) }),
  }
}

function hintOf(nearMiss: NearMiss | undefined): string | undefined {
  return nearMiss && printable(`${nearMiss.kind} ${nearMiss.entry}`, 320)
}

import { type AuditEvent, writtenEvent } from './audit-event.js'
import type { Foldable } from './fold.js'

/**
 * Which denials are equal: same origin, route, kind, method, reason and policy. Path, client and request id may
 * differ; a summary shows those of the latest.
 */
export function foldableDenial(event: AuditEvent): Foldable<AuditEvent> {
  const { route = '', kind, reason, enforced, policyRevision } = event
  const overflowKey = [route, kind, reason, enforced, policyRevision].join(SEPARATOR)
  const asked = reason === 'header-not-allowed' ? event.requestedHeaders : undefined
  return {
    event,
    key: [overflowKey, event.origin, event.method, event.requestedMethod, asked].join(SEPARATOR),
    overflowKey,
  }
}

/** What denials have in common that differ in their origin, or in what they ask for. */
export function overflowedDenial(latest: AuditEvent): AuditEvent {
  return { ...writtenEvent(latest), origin: undefined, hint: undefined }
}

// Cannot stand in any of the parts: they are printable by now.
const SEPARATOR = '\u0000'

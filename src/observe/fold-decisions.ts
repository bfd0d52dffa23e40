import { type AuditEvent, writtenEvent } from './audit-event.js'
import { type Foldable, keyOf } from './fold.js'

/**
 * Which denials are equal: same origin, route, kind, method, reason and policy. Path, client and request id may
 * differ; a summary shows those of the latest.
 */
export function foldableDenial(event: AuditEvent): Foldable<AuditEvent> {
  const { route = '', kind, reason, enforced, policyRevision } = event
  const overflowKey = keyOf(route, kind, reason, enforced, policyRevision)
  const asked = reason === 'header-not-allowed' ? event.requestedHeaders : undefined
  return {
    event,
    key: keyOf(overflowKey, event.origin, event.method, event.requestedMethod, asked),
    overflowKey,
  }
}

/** What denials have in common that differ in their origin, or in what they ask for. */
export function overflowedDenial(latest: AuditEvent): AuditEvent {
  return { ...writtenEvent(latest), origin: undefined, hint: undefined }
}

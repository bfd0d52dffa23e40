import type { AuditEvent } from '../events/audit-event.js'
import { keyOf } from './fold.js'

/**
 * Which denials are equal: same origin, route, kind, method, reason and policy. Path, client and request id may
 * differ; a summary shows those of the latest.
 */
export function keyOfDenial(event: AuditEvent): string {
  const { route, kind, reason, enforced, policyRevision, origin, method, requestedMethod } = event
  const asked = reason === 'header-not-allowed' ? event.requestedHeaders : undefined
  return keyOf(route, kind, reason, enforced, policyRevision, origin, method, requestedMethod, asked)
}

/** What denials have in common that differ in their origin, or in what they ask for. */
export function overflowKeyOfDenial({ route, kind, reason, enforced, policyRevision }: AuditEvent): string {
  return keyOf(route, kind, reason, enforced, policyRevision)
}

/** What stands for them. */
export function overflowedDenial(latest: AuditEvent): AuditEvent {
  return { ...latest, origin: undefined, hint: undefined }
}

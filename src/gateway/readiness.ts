import type { AuditTrouble } from '../observe/log/audit-trouble.js'
import type { Settings } from '../settings.js'

/** Whether a gateway wants requests, and why not: what `/readyz` says. */
export type Readiness = 'ready' | 'stopping' | 'no-worker' | 'audit-unavailable'

export interface ReadinessFacts {
  readonly stopping: boolean
  /** False where no worker serves. */
  readonly serving: boolean
  readonly trouble: AuditTrouble | undefined
}

export function readinessOf(
  { auditOnError }: Pick<Settings, 'auditOnError'>,
  { stopping, serving, trouble }: ReadinessFacts,
): Readiness {
  if (stopping) return 'stopping'
  if (!serving) return 'no-worker'
  return auditOnError === 'deny' && trouble !== undefined ? 'audit-unavailable' : 'ready'
}

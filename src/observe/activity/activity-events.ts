import type { AuditEvent } from '../events/audit-event.js'
import type { StrippedEvent } from '../events/operations-event.js'
import type { UpstreamResult } from '../events/upstream-result.js'

/** What the view of the recent past is told of requests: by the data plane itself, or for it by a worker's relay. */
export interface ActivityEvents {
  decision(event: AuditEvent): void
  /** So many decisions; of those that allow, nothing else is kept. */
  counted(as: Counted, count: number): void
  corsStripped(event: StrippedEvent): void
  /**
   * An exchange with an upstream ended.
   *
   * @param code of the error behind it, where there was one
   */
  upstream(name: string, result: UpstreamResult, milliseconds: number, code?: string): void
}

/** As what a decision is counted; `reported` is a denial in report mode: recorded, not enforced. */
export type Counted = 'allowed' | 'denied' | 'reported'

/** As what a decision is counted. */
export function countedAs({ outcome, enforced }: AuditEvent): Counted {
  return outcome === 'allowed' ? 'allowed' : enforced ? 'denied' : 'reported'
}

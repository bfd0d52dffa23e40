import type { Exchanges } from '../../observe/activity/activity.js'
import type { Counted } from '../../observe/activity/activity-events.js'
import type { AuditEvent } from '../../observe/events/audit-event.js'
import type { StrippedEvent } from '../../observe/events/operations-event.js'
import type { AuditTrouble } from '../../observe/log/audit-trouble.js'
import type { Series } from '../../observe/metrics/merge-metrics.js'
import type { DrainTimes } from '../listener/drain.js'
import type { Refusal } from '../loading/next-generation.js'
import type { PolicyFile } from '../loading/policy-source.js'

/** What the primary tells a worker. */
export type ToWorker =
  /** The policy to begin with. */
  | { readonly type: 'begin'; readonly files: readonly PolicyFile[] }
  /** Open the port: the policy that it has is the one in force. */
  | { readonly type: 'listen' }
  /** Make this policy ready, but don't serve it. */
  | { readonly type: 'prepare'; readonly id: number; readonly files: readonly PolicyFile[] }
  /** Serve what was prepared. */
  | { readonly type: 'commit' }
  /** Forget what was prepared. */
  | { readonly type: 'abort' }
  | { readonly type: 'series'; readonly id: number }
  /** Say that you live, at once. */
  | { readonly type: 'ping' }
  | { readonly type: 'reopen' }
  | { readonly type: 'stop'; readonly times: DrainTimes }

/** What a worker tells the primary. */
export type FromWorker =
  | { readonly type: 'hello' }
  /** It could serve what it was given to begin with. */
  | { readonly type: 'ready' }
  | { readonly type: 'serving'; readonly url: string }
  /** It cannot serve, and ends. */
  | ({ readonly type: 'failed' } & Refusal)
  | { readonly type: 'prepared'; readonly id: number; readonly refusal: Refusal | undefined }
  | { readonly type: 'series'; readonly id: number; readonly series: Series }
  | { readonly type: 'pong' }
  | { readonly type: 'activity'; readonly activity: WorkerActivity }
  /** While it cannot write its audit records, and once when it can again. */
  | { readonly type: 'audit'; readonly trouble: AuditTrouble | undefined }

/** The message of a worker that cannot serve. @param error one sentence */
export function failure(error: string, problems: Refusal['problems'] = []): FromWorker & { type: 'failed' } {
  return { type: 'failed', error, problems }
}

/** In the place of a worker that the system did not give. */
export function notStarted({ message }: Error): FromWorker & { type: 'failed' } {
  return failure(`a worker cannot be started: ${message}`)
}

/** What happened in a worker since it last told, for the console's view. */
export interface WorkerActivity {
  readonly counted: Readonly<Record<Counted, number>>
  /** Those of them that are in the table of denials. */
  readonly denied: readonly { readonly event: AuditEvent; readonly count: number }[]
  readonly stripped: readonly { readonly event: StrippedEvent; readonly count: number }[]
  /** By upstream and result: as many as the policy and the results are, whatever the load. */
  readonly upstreams: readonly (Exchanges & { readonly name: string })[]
}

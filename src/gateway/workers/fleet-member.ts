import type { AuditTrouble } from '../../observe/log/audit-trouble.js'
import type { Series } from '../../observe/metrics/merge-metrics.js'
import type { PolicyFile } from '../loading/policy-source.js'

/** What the primary knows of one of its workers. */
export interface FleetMember {
  /** Has a policy, and waits to be admitted. */
  ready: boolean
  /** Told to open the port: from then on it takes part in every reload. */
  admitted: boolean
  serving: boolean
  /** It says nothing any more, and is being killed. */
  hung: boolean
  /** As last asked for. */
  series: Series
  /** The policy that it has. */
  files: readonly PolicyFile[]
  /** The one that it made ready and waits to be told to serve. */
  prepared?: readonly PolicyFile[] | undefined
  /** While it cannot write its audit records. */
  auditTrouble?: AuditTrouble | undefined
  readonly born: number
}

/** One that begins now. @param files the policy in force */
export function newMember(files: readonly PolicyFile[]): FleetMember {
  return { ready: false, admitted: false, serving: false, hung: false, series: [], files, born: Date.now() }
}

import type { ScanFinding } from './finding.js'
import type { HeaderGrade } from './headers/grade.js'

/**
 * `incomplete`: too many probes went unanswered to call it clean; `unreachable`: nothing was seen at all; `refused`: its
 * address is not to be scanned; `unrouted`: no route of the policy has its host; `skipped`: its route only reports, so
 * that there is nothing to hold the answers against. Nothing is sent to the last three.
 */
export type TargetStatus = 'scanned' | (typeof UNSCANNED)[number]

const UNSCANNED = ['incomplete', 'unreachable', 'refused', 'unrouted', 'skipped', 'interrupted'] as const

/** How many were not scanned, in words: `1 unreachable`, `2 refused`. */
export function unscannedOf(statuses: readonly TargetStatus[]): readonly string[] {
  return UNSCANNED.flatMap(status => {
    const count = statuses.filter(each => each === status).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
}

/** What came of one URL. */
export interface TargetResult {
  readonly url: string
  readonly status: TargetStatus
  /** Worst first. With `--baseline`: the new ones. */
  readonly findings: readonly ScanFinding[]
  /** With `--baseline`: how many findings were known already and are left out. */
  readonly known?: number
  readonly requests: number
  /** From the first request to the verdict. */
  readonly milliseconds: number
  /** Why it is not `scanned`. */
  readonly error?: string
  /** With `--headers`. */
  readonly headers?: HeaderGrade
}

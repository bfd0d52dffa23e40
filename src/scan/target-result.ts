import type { ScanFinding } from './finding.js'
import type { HeaderGrade } from './headers/grade.js'

/** What came of one URL. */
export interface TargetResult {
  readonly url: string
  /**
   * `incomplete`: too many probes went unanswered to call it clean; `unreachable`: nothing was seen at all; `refused`:
   * its address is not to be scanned, and nothing was sent.
   */
  readonly status: 'scanned' | 'incomplete' | 'unreachable' | 'refused' | 'interrupted'
  /** Worst first. */
  readonly findings: readonly ScanFinding[]
  readonly requests: number
  /** Why it is not `scanned`. */
  readonly error?: string
  /** With `--headers`. */
  readonly headers?: HeaderGrade
}

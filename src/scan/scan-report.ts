import type { ScanCode } from './codes.js'
import { bySeverity, isAtLeast, type ScanFinding, type ScanSeverity } from './finding.js'
import type { TargetResult } from './target-result.js'

/** What a whole run came to: what every format shows. */
export interface ScanReport {
  readonly version: string
  /** When the scan ended, ISO 8601. */
  readonly finished: string
  readonly targets: readonly TargetResult[]
  /** How many URLs were to be scanned; more than `targets` where the scan was interrupted. */
  readonly asked: number
  readonly interrupted: boolean
  /** The severity from which the run fails; undefined: it never does. */
  readonly failOn: ScanSeverity | undefined
  /** With `--compare`. */
  readonly comparison?: Comparison
}

/** The same API scanned directly and through the gateway. */
export interface Comparison {
  readonly before: TargetResult
  readonly after: TargetResult
  /** Codes found before and not after. */
  readonly fixed: readonly ScanCode[]
  readonly remaining: readonly ScanCode[]
  readonly added: readonly ScanCode[]
}

/** Every finding of the run, worst first. With `--compare` only those of the second URL: the first is what it is measured by. */
export function findingsOf({ targets, comparison }: ScanReport): readonly ScanFinding[] {
  const counted = comparison === undefined ? targets : [comparison.after]
  return counted.flatMap(({ findings }) => findings).sort(bySeverity)
}

/** With `--baseline`: how many findings of the run were known already. */
export function knownOf({ targets }: ScanReport): number | undefined {
  const counts = targets.flatMap(({ known }) => (known === undefined ? [] : [known]))
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0)
}

function failingOf(report: ScanReport): readonly ScanFinding[] {
  const { failOn } = report
  return failOn === undefined ? [] : findingsOf(report).filter(({ severity }) => isAtLeast(severity, failOn))
}

/** 1: findings at or above the threshold; else 3: something was not scanned, or all was skipped; else 0. */
export function exitCodeOf(report: ScanReport): 0 | 1 | 3 {
  if (failingOf(report).length > 0) return 1
  const due = report.targets.filter(({ status }) => status !== 'skipped')
  const whole = due.length > 0 && due.every(({ status }) => status === 'scanned')
  return whole && !report.interrupted ? 0 : 3
}

export function compareTargets(before: TargetResult, after: TargetResult): Comparison {
  const codes = ({ findings }: TargetResult): readonly ScanCode[] => [
    ...new Set(findings.map(({ code }) => code)),
  ]
  const [old, now] = [codes(before), codes(after)]
  return {
    before,
    after,
    fixed: old.filter(code => !now.includes(code)),
    remaining: old.filter(code => now.includes(code)),
    added: now.filter(code => !old.includes(code)),
  }
}

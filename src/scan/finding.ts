import type { ScanCode } from './codes.js'
import type { Exchange } from './exchange.js'
import type { Proof } from './proof.js'

/** How bad it is, by what a browser would let a page read; see docs/scan.md. */
export const SCAN_SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
export type ScanSeverity = (typeof SCAN_SEVERITIES)[number]

/** True where `severity` is as bad as `threshold` or worse. */
export function isAtLeast(severity: ScanSeverity, threshold: ScanSeverity): boolean {
  return SCAN_SEVERITIES.indexOf(severity) <= SCAN_SEVERITIES.indexOf(threshold)
}

/** What a rule found out, before it is written up. */
export interface Suspicion {
  readonly code: ScanCode
  readonly severity: ScanSeverity
  /** One sentence on this very answer; why it matters in general is the code's own text. */
  readonly message: string
  /** The exchange that shows it best. */
  readonly exchange: Exchange
  /** Further facts: what else was accepted, what was confirmed, why a browser would refuse. */
  readonly notes?: readonly string[]
}

/** One misconfiguration of one URL, with everything that someone needs to believe and to mend it. */
export interface ScanFinding {
  readonly code: ScanCode
  readonly severity: ScanSeverity
  readonly url: string
  /** The policy's route, in `--policy` mode. */
  readonly route?: string
  readonly message: string
  readonly notes: readonly string[]
  readonly proof: Proof
  /** A command line that sends the same request again, where there is one. */
  readonly curl?: string
  readonly why: string
  /** Policy YAML. */
  readonly fix: string
  readonly references: readonly string[]
  /** The same for the same misconfiguration in every run. */
  readonly fingerprint: string
}

/** Worst first; among equals in the order found. */
export function bySeverity(a: { severity: ScanSeverity }, b: { severity: ScanSeverity }): number {
  return SCAN_SEVERITIES.indexOf(a.severity) - SCAN_SEVERITIES.indexOf(b.severity)
}

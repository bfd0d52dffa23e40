import { SCAN_CODES, type ScanCode } from '../codes.js'
import type { TargetResult } from '../target-result.js'

/** A URL in one word and one sentence. */
export interface Verdict {
  readonly word: string
  readonly sentence: string
}

export function verdictOf({ status, error, findings, requests }: TargetResult): Verdict {
  const [worst] = findings
  const partly = error === undefined ? '' : `; ${status}: ${error}`
  if (worst === undefined) {
    if (status === 'scanned') return { word: 'ok', sentence: `nothing found, ${requests} requests` }
    return { word: status, sentence: error ?? status }
  }
  const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`
  return { word: worst.severity, sentence: `${titleOf(worst.code)}${more}${partly}` }
}

export function titleOf(code: string): string {
  return SCAN_CODES[code as ScanCode].title
}

import { SCAN_CODES, type ScanCode } from '../codes.js'
import { SCAN_SEVERITIES } from '../finding.js'
import { type Comparison, findingsOf, type ScanReport } from '../scan-report.js'
import type { TargetResult } from '../target-result.js'

/** A URL in one word and one sentence. */
export interface Verdict {
  readonly word: string
  readonly sentence: string
}

export function verdictOf({ status, error, findings, known = 0, requests }: TargetResult): Verdict {
  const [worst] = findings
  const before = known === 0 ? '' : `, ${known} known`
  const partly = error === undefined ? '' : `; ${status}: ${error}`
  if (worst === undefined) {
    if (status !== 'scanned') return { word: status, sentence: `${error ?? status}${before}` }
    // What is known is not well for that.
    const [word, found] = known === 0 ? ['ok', 'nothing found'] : ['known', 'nothing new']
    return { word, sentence: `${found}${before}, ${requests} requests` }
  }
  const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`
  return { word: worst.severity, sentence: `${titleOf(worst.code)}${more}${before}${partly}` }
}

/**
 * What was found in all, in a few words: `1 high, 2 low`, or with `--compare` that of the second URL and what became of the
 * first one's: `none at https://gateway.example; 1 gone`.
 */
export function sumOf(report: ScanReport): string {
  const { comparison } = report
  const findings = findingsOf(report)
  const found = SCAN_SEVERITIES.map(name => [
    findings.filter(({ severity }) => severity === name).length,
    name,
  ])
  const counts = inWords(found)
  if (comparison === undefined) return counts === '' ? 'no findings' : counts
  return `${counts === '' ? 'none' : counts} at ${comparison.after.url}; ${outcomeOf(comparison)}`
}

function outcomeOf({ before, fixed, remaining, added }: Comparison): string {
  const counts = inWords([
    [fixed.length, 'gone'],
    [remaining.length, 'still there'],
    [added.length, 'new'],
  ])
  return counts === '' ? `none at ${before.url} either` : counts
}

function inWords(counts: readonly (readonly (number | string)[])[]): string {
  return counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(', ')
}

export function titleOf(code: ScanCode): string {
  return SCAN_CODES[code].title
}

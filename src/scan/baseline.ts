import type { TargetResult } from './target-result.js'

/**
 * The fingerprints in an earlier report of `--format json`.
 *
 * @throws Error with one sentence, where the text is no such report
 */
export function readBaseline(text: string): ReadonlySet<string> {
  let report: unknown
  try {
    report = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON: write it with --format json')
  }
  const findings = (report as { findings?: unknown } | null)?.findings
  if (!Array.isArray(findings)) throw new Error('it has no list of findings: write it with --format json')
  const fingerprints = findings.map(finding => (finding as { fingerprint?: unknown } | null)?.fingerprint)
  if (!fingerprints.every(each => typeof each === 'string'))
    throw new Error('a finding in it has no fingerprint: write it with crossgate scan --format json')
  return new Set(fingerprints)
}

/** Leaves out what the baseline has already. */
export function withoutKnown(target: TargetResult, baseline: ReadonlySet<string>): TargetResult {
  const findings = target.findings.filter(({ fingerprint }) => !baseline.has(fingerprint))
  return { ...target, findings, known: target.findings.length - findings.length }
}

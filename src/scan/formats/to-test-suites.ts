import type { TestCase, TestSuite } from '../../report/test-suite.js'
import { isAtLeast, type ScanFinding, type ScanSeverity } from '../finding.js'
import type { ScanReport } from '../scan-report.js'
import type { TargetResult } from '../target-result.js'
import { titleOf } from './verdict.js'

/** The report as test results: a suite per URL, a case per finding, which fails from `--fail-on` on. */
export function toTestSuites({ targets, comparison, failOn }: ScanReport): readonly TestSuite[] {
  const counted = comparison === undefined ? targets : [comparison.after]
  return counted.map(target => ({
    name: target.url,
    milliseconds: target.milliseconds,
    cases: [scannedCase(target), ...target.findings.map(finding => findingCase(finding, failOn))],
  }))
}

/** Takes the time of the whole URL: judging what came back takes none. */
function scannedCase({ status, error = status, milliseconds }: TargetResult): TestCase {
  const name = 'was scanned'
  if (status === 'skipped') return { name, milliseconds, failures: [], skipped: error }
  const failures = status === 'scanned' ? [] : [`${status}: ${error}`]
  return { name, milliseconds, failures }
}

function findingCase(finding: ScanFinding, failOn: ScanSeverity | undefined): TestCase {
  const { severity, code, message, notes, proof, fix } = finding
  const fails = failOn !== undefined && isAtLeast(severity, failOn)
  const failures = [
    `${severity}: ${message}`,
    ...notes,
    ...proof.request.map(line => `> ${line}`),
    ...proof.response.map(line => `< ${line}`),
    ...(fix === '' ? [] : ['Policy that mends it:', fix]),
  ]
  return { name: `${code}: ${titleOf(code)}`, milliseconds: 0, failures: fails ? failures : [] }
}

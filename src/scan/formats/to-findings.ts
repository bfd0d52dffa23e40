import type { CodeFacts, FindingReport } from '../../report/finding-report.js'
import { SCAN_CODES, type ScanCode } from '../codes.js'
import { SCAN_SEVERITIES, type ScanFinding, type ScanSeverity } from '../finding.js'
import { findingsOf, type ScanReport } from '../scan-report.js'
import { titleOf } from './verdict.js'

/** The report in the shape that the formats of `src/report` take, which lint rules and policy problems use too. */
export function toFindingReport(report: ScanReport): FindingReport {
  const findings = findingsOf(report)
  return {
    tool: { name: 'crossgate scan', version: report.version },
    findings: findings.map(finding => ({
      code: finding.code,
      severity: LEVELS[finding.severity],
      message: `${finding.severity}: ${finding.message}`,
      target: finding.url,
      fingerprint: finding.fingerprint,
      details: [
        ...finding.notes,
        ...finding.proof.request.map(line => `> ${line}`),
        ...finding.proof.response.map(line => `< ${line}`),
        finding.why,
        ...(finding.fix === '' ? [] : ['Policy that mends it:', finding.fix]),
      ],
    })),
    sources: new Map(),
    codes: new Map(findings.map(({ code }) => [code, codeFacts(code, findings)])),
  }
}

/** How a scan's five severities read where there are three. */
const LEVELS = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
} as const

function codeFacts(code: ScanCode, findings: readonly ScanFinding[]): CodeFacts {
  const { why, references } = SCAN_CODES[code]
  const worst = SCAN_SEVERITIES.find(severity =>
    findings.some(finding => finding.code === code && finding.severity === severity),
  )
  return {
    title: titleOf(code),
    help: [why, ...references].join('\n'),
    tags: [
      'security',
      ...references
        .flatMap(each => /^CWE-\d+/.exec(each) ?? [])
        .map(cwe => `external/cwe/${cwe.toLowerCase()}`),
    ],
    securitySeverity: SCORES[worst ?? 'info'],
  }
}

// The middle of each band of CVSS, which code hosts sort by.
const SCORES: Readonly<Record<ScanSeverity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
}

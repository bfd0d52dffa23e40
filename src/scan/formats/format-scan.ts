import { formatGithub } from '../../report/github.js'
import { formatJson } from '../../report/json.js'
import { formatJunit } from '../../report/junit.js'
import { formatSarif } from '../../report/sarif.js'
import type { HeaderGrade } from '../headers/grade.js'
import { findingsOf, knownOf, type ScanReport } from '../scan-report.js'
import { formatScanHtml } from './html.js'
import { formatScanMarkdown } from './markdown.js'
import { formatScanText } from './text.js'
import { toFindingReport } from './to-findings.js'
import { toTestSuites } from './to-test-suites.js'

export const SCAN_FORMATS = ['text', 'json', 'sarif', 'github', 'junit', 'markdown', 'html'] as const
export type ScanFormat = (typeof SCAN_FORMATS)[number]

/** The report in one format. Ends with a line break. */
export function formatScan(
  report: ScanReport,
  format: ScanFormat,
  { colour }: { readonly colour: boolean },
): string {
  switch (format) {
    case 'text':
      return formatScanText(report, { colour })
    case 'json':
      return formatScanJson(report)
    case 'sarif':
      return formatSarif(toFindingReport(report))
    case 'github':
      return formatGithub(toFindingReport(report))
    case 'junit':
      return formatJunit(toTestSuites(report))
    case 'markdown':
      return formatScanMarkdown(report)
    case 'html':
      return formatScanHtml(report)
  }
}

function formatScanJson(report: ScanReport): string {
  const { finished, targets, asked, interrupted, comparison } = report
  const known = knownOf(report)
  return formatJson('scan', {
    finished,
    asked,
    interrupted,
    ...(known !== undefined && { known }),
    targets: targets.map(({ findings, headers, ...target }) => ({
      ...target,
      findings: findings.length,
      ...(headers && { headers: headersJson(headers) }),
    })),
    ...(comparison && {
      comparison: {
        before: { url: comparison.before.url },
        after: { url: comparison.after.url },
        fixed: comparison.fixed,
        remaining: comparison.remaining,
        added: comparison.added,
      },
    }),
    findings: findingsOf(report),
  })
}

// `reason` is one of the closed list in every output, and these are sentences.
function headersJson({ checks, ...grade }: HeaderGrade): object {
  return { ...grade, checks: checks.map(({ reason, ...check }) => ({ ...check, why: reason })) }
}

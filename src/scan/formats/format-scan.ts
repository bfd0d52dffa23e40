import { formatGithub } from '../../report/github.js'
import { formatJson } from '../../report/json.js'
import { formatJunit } from '../../report/junit.js'
import { formatSarif } from '../../report/sarif.js'
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
  const { version, finished, targets, asked, interrupted, comparison } = report
  const known = knownOf(report)
  return formatJson({
    tool: { name: 'crossgate scan', version },
    facts: {
      schema: 1,
      finished,
      asked,
      interrupted,
      ...(known !== undefined && { known }),
      targets: targets.map(({ findings, ...target }) => ({ ...target, findings: findings.length })),
      ...(comparison && {
        comparison: {
          before: comparison.before.url,
          after: comparison.after.url,
          fixed: comparison.fixed,
          remaining: comparison.remaining,
          added: comparison.added,
        },
      }),
    },
    findings: findingsOf(report),
  })
}

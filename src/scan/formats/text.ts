import { escapeControls } from '../../report/display-text.js'
import { SCAN_SEVERITIES, type ScanFinding, type ScanSeverity } from '../finding.js'
import { findingsOf, type ScanReport } from '../scan-report.js'
import type { TargetResult } from '../target-result.js'
import { titleOf, verdictOf } from './verdict.js'

/** For people: a verdict line per URL, then the findings by severity, then the sum. Ends with a line break. */
export function formatScanText(report: ScanReport, { colour }: { readonly colour: boolean }): string {
  const paint = (name: string, text: string): string =>
    colour ? `${ANSI[name] ?? ''}${text}\u001b[0m` : text
  const sections = [
    report.targets.map(target => verdictLines(target, paint)).join('\n'),
    ...(report.comparison === undefined ? [] : [comparisonLines(report, paint)]),
    ...findingsOf(report).map(finding => findingLines(finding, paint)),
    sumLine(report),
  ]
  return `${sections.join('\n\n')}\n`
}

type Paint = (name: string, text: string) => string

function verdictLines(target: TargetResult, paint: Paint): string {
  const { word, sentence } = verdictOf(target)
  const lines = [`${paint(word, word.padEnd(WORD_WIDTH))} ${safe(target.url)}  ${safe(sentence)}`]
  if (target.headers !== undefined) {
    const { grade, score, checks } = target.headers
    lines.push(`  security headers: grade ${grade}, ${score} of 100`)
    for (const { header, points, of, reason } of checks)
      lines.push(`    ${`${points}/${of}`.padStart(5)}  ${header.padEnd(28)} ${safe(reason)}`)
  }
  return lines.join('\n')
}

function findingLines(finding: ScanFinding, paint: Paint): string {
  const { severity, code, url, route, message, notes, proof, why, fix, references } = finding
  const lines = [
    `${paint(severity, `${severity} ${code}`)}  ${safe(titleOf(code))}`,
    `  at      ${safe(url)}${route === undefined ? '' : `  (route ${safe(route)})`}`,
    `  what    ${safe(message)}`,
    ...notes.map(note => `          ${safe(note)}`),
    ...proof.request.map((line, at) => `${at === 0 ? '  proof   ' : '          '}> ${safe(line)}`),
    ...proof.response.map(line => `          < ${safe(line)}`),
    `  why     ${why}`,
    ...(fix === ''
      ? []
      : fix.split('\n').map((line, at) => `${at === 0 ? '  fix     ' : '          '}${safe(line)}`)),
    ...references.map((line, at) => `${at === 0 ? '  see     ' : '          '}${line}`),
  ]
  return lines.join('\n')
}

function comparisonLines({ comparison }: ScanReport, paint: Paint): string {
  if (comparison === undefined) return ''
  const { before, after, fixed, remaining, added } = comparison
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['ok', 'gone', fixed],
    ['medium', 'still there', remaining],
    ['high', 'new', added],
  ]
  return [
    `${safe(before.url)}  compared with  ${safe(after.url)}`,
    ...rows.flatMap(([name, word, codes]) =>
      codes.map(code => `  ${paint(name, word.padEnd(WORD_WIDTH))} ${code}  ${titleOf(code)}`),
    ),
    ...(fixed.length + remaining.length + added.length === 0 ? ['  no findings on either side'] : []),
  ].join('\n')
}

function sumLine(report: ScanReport): string {
  const { targets, asked, interrupted, known } = report
  const findings = findingsOf(report)
  const counts = SCAN_SEVERITIES.map(severity => [
    severity,
    findings.filter(each => each.severity === severity).length,
  ])
    .filter(([, count]) => count !== 0)
    .map(([severity, count]) => `${count} ${severity}`)
  const missed = targets.filter(({ status }) => status !== 'scanned').length
  return [
    counts.length === 0 ? 'No findings' : counts.join(', '),
    ` in ${targets.length} of ${asked} ${asked === 1 ? 'URL' : 'URLs'}`,
    ...(known === undefined ? [] : [`; ${known} known from the baseline`]),
    ...(missed === 0 ? [] : [`; ${missed} not or not wholly scanned`]),
    ...(interrupted ? ['; interrupted'] : []),
    '.',
  ].join('')
}

/** What servers send is never a command to the terminal. */
function safe(text: string): string {
  return escapeControls(text)
}

const WORD_WIDTH = 11

const ANSI: Readonly<Record<ScanSeverity | string, string>> = {
  critical: '\u001b[1;97;41m',
  high: '\u001b[1;31m',
  medium: '\u001b[1;33m',
  low: '\u001b[1;34m',
  info: '\u001b[36m',
  ok: '\u001b[1;32m',
}

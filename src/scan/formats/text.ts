import { escapeControls } from '../../report/display-text.js'
import type { ScanCode } from '../codes.js'
import type { ScanFinding, ScanSeverity } from '../finding.js'
import { findingsOf, knownOf, type ScanReport } from '../scan-report.js'
import { type TargetResult, unscannedOf } from '../target-result.js'
import { sumOf, titleOf, verdictOf } from './verdict.js'

/**
 * For people: a verdict line per URL, then the findings by severity, then the sum. What is the same for several findings
 * (the policy that mends a URL, where to read more) is said once. Ends with a line break.
 */
export function formatScanText(report: ScanReport, { colour }: { readonly colour: boolean }): string {
  const paint = (name: string, text: string): string =>
    colour ? `${ANSI[name] ?? ''}${text}\u001b[0m` : text
  const findings = findingsOf(report)
  const said = new Set<string>()
  const sections = [
    report.targets.map(target => verdictLines(target, paint)).join('\n'),
    ...(report.comparison === undefined ? [] : [comparisonLines(report, paint)]),
    ...findings.map(finding => findingLines(finding, paint, said)),
    ...(findings.length === 0 ? [] : [referenceLines(findings)]),
    sumLines(report),
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

function findingLines(finding: ScanFinding, paint: Paint, said: Set<string>): string {
  const { severity, code, url, route, message, notes, proof, curl, why, fix, references } = finding
  const known = said.has(fix)
  said.add(fix)
  return [
    `${paint(severity, `${severity} ${code}`)}  ${safe(titleOf(code))}`,
    ...labelled('at', [`${url}${route === undefined ? '' : `  (route ${route})`}`]),
    ...labelled('what', [...wrapped(message), ...notes.flatMap(note => wrapped(`- ${note}`))]),
    ...labelled('proof', [
      ...proof.request.map(line => `> ${line}`),
      ...proof.response.map(line => `< ${line}`),
    ]),
    ...labelled('again', curl === undefined ? [] : [curl]),
    ...labelled('why', wrapped(why)),
    ...labelled('fix', fix === '' ? [] : known ? ['the same policy as above'] : fix.split('\n')),
    ...labelled('see', [references.map(nameOf).join('; ')]),
  ].join('\n')
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${(at === 0 ? label : '').padEnd(LABEL_WIDTH)}${safe(line)}`)
}

/** Cut between words so that no line is wider than people read; a longer word stays whole. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > TEXT_WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

function referenceLines(findings: readonly ScanFinding[]): string {
  const all = [...new Set(findings.flatMap(({ references }) => references))].sort()
  return ['References', ...all.map(each => `  ${each}`)].join('\n')
}

/** What stands before the address. */
function nameOf(reference: string): string {
  return reference.split(': http', 1)[0] ?? reference
}

function comparisonLines({ comparison }: ScanReport, paint: Paint): string {
  if (comparison === undefined) return ''
  const { before, after, fixed, remaining, added } = comparison
  const rows: readonly (readonly [string, string, readonly ScanCode[]])[] = [
    ['ok', 'gone', fixed],
    ['medium', 'still there', remaining],
    ['high', 'new', added],
  ]
  return [
    `${safe(before.url)}  compared with  ${safe(after.url)}`,
    ...rows.flatMap(([name, word, codes]) =>
      codes.map(code => `  ${paint(name, word.padEnd(WORD_WIDTH))} ${code}  ${titleOf(code)}`),
    ),
  ].join('\n')
}

function sumLines(report: ScanReport): string {
  const { targets, asked, interrupted } = report
  const known = knownOf(report)
  const sum = sumOf(report)
  const left = unscannedOf(targets.map(({ status }) => status))
  const scanned = targets.filter(({ status }) => status === 'scanned').length
  return [
    safe(sum.charAt(0).toUpperCase() + sum.slice(1)),
    ...(known === undefined ? [] : [`, ${known} known from the baseline`]),
    `. ${scanned} of ${asked} ${asked === 1 ? 'URL' : 'URLs'} scanned`,
    ...left.map(count => `, ${count}`),
    ...(asked > targets.length ? [`, ${asked - targets.length} not begun`] : []),
    ...(interrupted ? ['; interrupted'] : []),
    '.',
  ].join('')
}

/** What servers send is never a command to the terminal. */
function safe(text: string): string {
  return escapeControls(text)
}

const WORD_WIDTH = 11
const LABEL_WIDTH = 8
const TEXT_WIDTH = 100

const ANSI: Readonly<Record<ScanSeverity | string, string>> = {
  critical: '\u001b[1;97;41m',
  high: '\u001b[1;31m',
  medium: '\u001b[1;33m',
  low: '\u001b[1;34m',
  info: '\u001b[36m',
  ok: '\u001b[1;32m',
}

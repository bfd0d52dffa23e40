import { escapeLines } from '../../report/display-text.js'
import { code, plain, tableOf } from '../../report/markdown.js'
import type { ScanFinding } from '../finding.js'
import { findingsOf, type ScanReport } from '../scan-report.js'
import { sumOf, titleOf, verdictOf } from './verdict.js'

/** For issues and pull requests: a table of verdicts, then each finding. Ends with a line break. */
export function formatScanMarkdown(report: ScanReport): string {
  const { comparison, interrupted } = report
  const verdicts = report.targets.map(target => {
    const { word, sentence } = verdictOf(target)
    return [code(target.url), word, plain(sentence), ...(target.headers ? [target.headers.grade] : [])]
  })
  const graded = report.targets.some(({ headers }) => headers !== undefined)
  const sections = [
    '# CORS scan',
    tableOf(['URL', 'Verdict', 'Because', ...(graded ? ['Headers'] : [])], verdicts),
    ...(comparison === undefined
      ? []
      : [
          '## Compared',
          `${plain(sumOf(report))}.`,
          tableOf(
            ['Finding', 'Before', 'After'],
            [
              ...comparison.fixed.map(each => [plain(titleOf(each)), 'yes', 'gone']),
              ...comparison.remaining.map(each => [plain(titleOf(each)), 'yes', 'still there']),
              ...comparison.added.map(each => [plain(titleOf(each)), 'no', 'new']),
            ],
          ),
        ]),
    ...(interrupted ? ['**Interrupted: not every URL was scanned.**'] : []),
    ...findingsOf(report).map(findingSection),
  ]
  return `${escapeLines(sections.join('\n\n'))}\n`
}

function findingSection(finding: ScanFinding): string {
  const { severity, code: name, url, route, message, notes, proof, curl, why, fix, references } = finding
  return [
    `## ${severity}: ${plain(titleOf(name))}`,
    `${code(name)} at ${code(url)}${route === undefined ? '' : `, route ${code(route)}`}`,
    plain(message),
    ...(notes.length === 0 ? [] : [notes.map(note => `- ${plain(note)}`).join('\n')]),
    fenced('http', [...proof.request, '', ...proof.response].join('\n')),
    ...(curl === undefined ? [] : [fenced('sh', curl)]),
    plain(why),
    ...(fix === '' ? [] : [fenced('yaml', fix)]),
    references.map(each => `- ${reference(each)}`).join('\n'),
  ].join('\n\n')
}

function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function reference(text: string): string {
  const [, name = text, url = ''] = /^(.*): (https:.*)$/.exec(text) ?? []
  return `[${name}](${url})`
}

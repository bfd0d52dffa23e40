import { columnsOf, escapeControls } from './display-text.js'
import { type Finding, placeOf, type Severity } from './finding.js'
import { frameOf } from './source-frame.js'

export interface TextOptions {
  /** The text of each file, for the source line; a finding in another file is printed without one. */
  readonly sources: ReadonlyMap<string, string>
  /** Whether to use ANSI colours. */
  readonly colour: boolean
}

/**
 * Findings for people to read, in the order given: place, code and sentence, the source line with a caret under it,
 * what to do; at the end the count. Without a final line break. Whatever a file or a message holds, no control
 * character reaches the terminal.
 */
export function formatText(findings: readonly Finding[], { sources, colour }: TextOptions): string {
  const paint = colour ? paintAnsi : paintNothing
  const lines = new SourceLines(sources)
  const blocks = findings.map(finding => formatFinding(finding, lines.at(finding), paint))
  return [...blocks, countsOf(findings)].join('\n')
}

function formatFinding(finding: Finding, line: string | undefined, paint: Paint): string {
  const { severity, code, message, suggestion, details = [] } = finding
  const place = placeOf(finding)
  const at = place === '' ? '' : `${escapeControls(place)}: `
  const heading = `${at}${paint(severity, `${severity} ${code}`)}  ${escapeControls(message)}`
  const gutter = ' '.repeat(columnsOf(String(finding.line ?? '')) + 2)
  const parts = [heading]
  if (line !== undefined && finding.column !== undefined) {
    const { text, caret } = frameOf(line, finding.column, finding.endColumn ?? finding.column + 1)
    parts.push(`  ${finding.line} | ${text}`, `${gutter} | ${paint(severity, caret)}`)
  }
  parts.push(...details.map(detail => `${gutter} ${escapeControls(detail)}`))
  if (suggestion !== undefined)
    parts.push(`${gutter} ${paint('help', 'help:')} ${escapeControls(suggestion)}`)
  return `${parts.join('\n')}\n`
}

function countsOf(findings: readonly Finding[]): string {
  const counts = SEVERITIES.map(({ severity, one, many }) => {
    const count = findings.filter(finding => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]
  })
  return counts.flat().join(', ') || 'no problems'
}

/** Lines by number; each text is split once, because a hundred thousand findings may be in one file. */
class SourceLines {
  readonly #sources: ReadonlyMap<string, string>
  readonly #lines = new Map<string, readonly string[]>()

  constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources
  }

  at({ file, line }: Finding): string | undefined {
    if (file === undefined || line === undefined) return undefined
    let lines = this.#lines.get(file)
    if (lines === undefined) {
      // A byte order mark is no column.
      lines =
        this.#sources
          .get(file)
          ?.replace(/^\uFEFF/, '')
          .split(/\r?\n/) ?? []
      this.#lines.set(file, lines)
    }
    return lines[line - 1]
  }
}

type Paint = (as: Severity | 'help', text: string) => string

function paintNothing(_as: Severity | 'help', text: string): string {
  return text
}

function paintAnsi(as: Severity | 'help', text: string): string {
  return `${ANSI[as]}${text}\u001b[0m`
}

const ANSI = {
  error: '\u001b[1;31m',
  warning: '\u001b[1;33m',
  info: '\u001b[1;34m',
  help: '\u001b[1;36m',
} as const

const SEVERITIES = [
  { severity: 'error', one: 'error', many: 'errors' },
  { severity: 'warning', one: 'warning', many: 'warnings' },
  { severity: 'info', one: 'note', many: 'notes' },
] as const

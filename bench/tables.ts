import { caseNamed } from './cases.js'
import { groupBy } from './statistics.js'
import type { Row } from './summary.js'
import type { Verdict } from './targets.js'

/** For a terminal: a block for each case. */
export function textTable(rows: readonly Row[]): string {
  const blocks = groupBy(rows, row => titleOf(row))
  return [...blocks]
    .map(([title, group]) => `\n${title}\n${columns([HEADINGS, ...group.map(cells)])}`)
    .join('')
}

/** What is promised, and what was found. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  return columns([
    ['', 'found', 'target', ''],
    ...verdicts.map(({ name, figure, found, limit, kept }) => [
      `${name}, ${figure}`,
      found,
      limit,
      kept ? 'kept' : 'MISSED',
    ]),
  ])
}

function titleOf({ case: name, connections, size }: Row): string {
  return `${caseNamed(name).title}, ${connections} connection${connections === 1 ? '' : 's'}, ${size} policy`
}

const HEADINGS = ['', 'us/request', 'ours/theirs', 'requests/s', 'p50 ms', 'p99 ms', 'MB']

function cells(row: Row): readonly string[] {
  return [
    row.peer,
    row.processorMicros.toFixed(1),
    row.crossgateRatio?.toFixed(2) ?? '',
    row.requestsPerSecond.toFixed(0),
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    (row.residentBytes / 1e6).toFixed(0),
  ]
}

function columns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, index) => Math.max(...lines.map(line => line[index]!.length)))
  return lines
    .map(line =>
      line
        .map((cell, index) => (index === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[index]! + 2)))
        .join(''),
    )
    .map(line => `  ${line.trimEnd()}\n`)
    .join('')
}

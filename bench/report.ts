import { cpus, release } from 'node:os'
import { CASES } from './cases.js'
import type { Contestant } from './contest.js'
import { replaceInDocument } from './document.js'
import { groupBy } from './statistics.js'
import type { Row } from './summary.js'
import type { Verdict } from './targets.js'

/** What a run found. */
export interface Findings {
  readonly command: string
  readonly contestants: readonly Contestant[]
  /** What did not take part, and why. */
  readonly absences: readonly string[]
  readonly rows: readonly Row[]
  readonly verdicts: readonly Verdict[]
  /** Whether proxy, load and upstream had a processor each. */
  readonly pinned: boolean
  /** Whether idle processors were kept from sleeping. */
  readonly awake: boolean
}

/** Writes the tables of docs/performance.md. */
export function writeReport(findings: Findings): void {
  replaceInDocument('bench', markdown(findings))
}

function markdown(findings: Findings): string {
  const { command, contestants, absences, rows, verdicts, pinned, awake } = findings
  const titles = new Map(contestants.map(({ peer }) => [peer.name, peer.title]))
  return `\`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0]?.model.replace(/\(R\)/g, '')}, Linux
${release().split('-')[0]}, Node ${process.versions.node}; ${pinned ? 'proxy, load and upstream each on a processor of their own' : 'proxy, load and upstream share all processors'}, ${awake ? 'none of which sleeps' : 'which sleep when idle'}.

### Targets
${table([['', 'found', 'target', ''], ...verdicts.map(each => [`${each.name}, ${each.figure}`, each.found, each.limit, each.kept ? 'kept' : '**missed**'])])}
### Who does the whole job
${table([['', 'what it does otherwise'], ...answersOf(contestants)], '---')}
${absences.map(line => `- ${line}\n`).join('')}
${setupsOf(rows)
  .map(({ size, connections }) => section(size, connections, rows, titles))
  .join('\n')}`
}

/** Peers whose answers differ with the policy's size have a row for each. */
function answersOf(contestants: readonly Contestant[]): readonly (readonly string[])[] {
  const main = contestants.filter(({ peer }) => peer.variant !== true)
  return [...groupBy(main, ({ peer, answers }) => `${peer.name} ${answers.deviations}`).values()].map(
    group => {
      const { peer, size, answers } = group[0]!
      const differs = main.filter(other => other.peer === peer).length > group.length
      return [
        differs ? `${peer.title}, ${size.name} policy` : peer.title,
        answers.deviations.join('; ') || 'nothing',
      ]
    },
  )
}

function setupsOf(rows: readonly Row[]): readonly Pick<Row, 'size' | 'connections'>[] {
  const keys = new Map(rows.map(({ size, connections }) => [`${size} ${connections}`, { size, connections }]))
  return [...keys.values()].toSorted(
    (one, other) => other.size.localeCompare(one.size) || other.connections - one.connections,
  )
}

function section(
  size: Row['size'],
  connections: number,
  rows: readonly Row[],
  titles: ReadonlyMap<string, string>,
): string {
  const here = rows.filter(row => row.size === size && row.connections === connections)
  const names = [...new Set(here.map(({ peer }) => peer))]
  const cases = CASES.filter(({ name }) => here.some(row => row.case === name))
  const grid = (cell: (row: Row) => string) =>
    table([
      ['', ...cases.map(({ title }) => title)],
      ...names.map(name => [
        titles.get(name) ?? name,
        ...cases.map(each => {
          const row = here.find(({ peer, case: of }) => peer === name && of === each.name)
          return row === undefined ? '–' : cell(row)
        }),
      ]),
    ])
  return `### ${POLICIES[size]}, ${connections} connection${connections === 1 ? '' : 's'}
Microseconds of processor time for a request; in brackets Crossgate's over the peer's:

${grid(row => `${row.processorMicros.toFixed(1)} (${row.crossgateRatio?.toFixed(2) ?? '–'})`)}
Requests per second of one processor:

${grid(row => Math.round(row.requestsPerSecond).toLocaleString('en'))}
Latency, p50 / p99 in milliseconds, with all connections busy all the time:

${grid(row => `${row.p50.toFixed(2)} / ${row.p99.toFixed(2)}`)}
Resident memory in MB, after that load:

${grid(row => (row.residentBytes / 1e6).toFixed(0))}`
}

/** The first line is the heading; the first column is text. */
function table(lines: readonly (readonly string[])[], others = '---:'): string {
  const [heading = [], ...rest] = lines
  const rule = heading.map((_, index) => (index === 0 ? '---' : others))
  return [heading, rule, ...rest].map(cells => `| ${cells.join(' | ')} |\n`).join('')
}

const POLICIES = {
  small: '1 route, 3 origins',
  large: '1,000 routes, 100,000 origins',
  'large-same': '1,000 routes, 100,000 origins, sent the requests of the small policy',
}

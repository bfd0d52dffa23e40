import { ANY_OTHER_ORIGIN, type Change } from '../../policy/diff/change.js'
import type { Problem } from '../../policy/problems/problem.js'
import { escapeLines } from '../../report/display-text.js'
import { placeOf } from '../../report/finding.js'
import { html } from '../../report/html.js'
import { code, plain, tableOf } from '../../report/markdown.js'
import type { Refusal } from '../terminal/refusal.js'
import { countsOf, patternNote, routeText, verdictOf, whereTexts } from './diff-summary.js'

/** Changes as a pull-request comment, no longer than code hosts take: what is left out for that is said. */
export function diffMarkdown(
  changes: readonly Change[],
  { before, after }: { readonly before: string; readonly after: string },
  allowWidening: boolean,
): string {
  const revisions = `Policy ${code(before.slice(0, 12))} → ${code(after.slice(0, 12))}`
  if (changes.length === 0) return `### CORS policy: no change in effect\n\n${revisions}\n`
  const rowRoom = new Room(MAX_ROWS)
  const rows = changes.map(cellsOf).filter(cells => rowRoom.take(`| ${cells.join(' | ')} |\n`))
  const listRoom = new Room(MAX_LISTS)
  const lists = changes
    .filter(({ origins }) => origins.length > SHOWN)
    .map(change => listOf(change, listRoom))
  const parts = [
    `### CORS policy: ${countsOf(changes)}`,
    `**${sentence(plain(verdictOf(changes, allowWidening)))}**`,
    tableOf(['', 'route', 'where', 'origins', 'change'], rows),
    ...lists.map(({ text }) => text).filter(text => text !== ''),
    leftOut(
      changes.length - rows.length,
      lists.reduce((sum, { missing }) => sum + missing, 0),
    ),
    patternNote(changes),
    revisions,
  ]
  return comment(parts)
}

/** Why nothing was compared, as a pull-request comment. */
export function refusalMarkdown(refusals: readonly Refusal[]): string {
  const room = new Room(MAX_ROWS)
  const parts = refusals.flatMap(({ path, message, problems }) => {
    const rows = problems.map(problemCells).filter(cells => room.take(`| ${cells.join(' | ')} |\n`))
    return [
      `${code(path)}: ${plain(message)}.`,
      ...(rows.length > 0 ? [tableOf(['', 'where', 'problem', 'what to do'], rows)] : []),
      leftOut(problems.length - rows.length, 0, 'problem'),
    ]
  })
  return comment(['### CORS policy: refused', ...parts])
}

function comment(parts: readonly (string | undefined)[]): string {
  return escapeLines(`${parts.filter(part => part !== undefined).join('\n\n')}\n`)
}

function problemCells(problem: Problem): readonly string[] {
  const { severity, code: name, message, suggestion = '' } = problem
  return [
    severity === 'error' ? '**error**' : severity,
    code(placeOf(problem)),
    `${code(name)} ${sentence(plain(message))}`,
    suggestion === '' ? '' : sentence(plain(suggestion)),
  ]
}

function cellsOf(change: Change): readonly string[] {
  const { direction, what, note } = change
  return [
    direction === 'wider' ? '**wider**' : direction,
    plain(routeText(change)),
    whereOf(change),
    originsOf(change),
    [what, note]
      .filter(part => part !== undefined)
      .map(part => sentence(plain(part)))
      .join(' '),
  ]
}

function whereOf(change: Change): string {
  const places = whereTexts(change).map(({ host, pattern }) => `${host}${code(pattern)}`)
  return countedList(places)
}

function originsOf({ origins }: Change): string {
  return countedList(origins.map(origin => (origin === ANY_OTHER_ORIGIN ? origin : code(origin))))
}

function countedList(items: readonly string[]): string {
  const shown = items.slice(0, SHOWN).join(', ')
  return items.length > SHOWN ? `${shown} and ${items.length - SHOWN} more` : shown
}

/** All origins of a change, folded: whoever approves it has to be able to see them. */
function listOf(change: Change, room: Room): { readonly text: string; readonly missing: number } {
  const { direction, origins, what } = change
  const title = `${direction}, ${routeText(change)}: ${origins.length} origins: ${what}`
  const head = `<details>\n${html`<summary>${title}</summary>`}\n\n\`\`\`text\n`
  const shown = room.take(head + TAIL) ? origins.filter(origin => room.take(`${origin}\n`)) : []
  const missing = origins.length - shown.length
  // Neither a backtick nor a line break is in any origin.
  return { text: shown.length === 0 ? '' : `${head}${shown.join('\n')}${TAIL}`, missing }
}

function leftOut(rows: number, origins: number, noun = 'change'): string | undefined {
  const parts = [
    ...(rows > 0 ? [`${rows} ${noun}${rows === 1 ? '' : 's'}`] : []),
    ...(origins > 0 ? [`${origins} ${origins === 1 ? 'origin' : 'origins'}`] : []),
  ]
  if (parts.length === 0) return undefined
  return `**Left out, since a comment has its limit: ${parts.join(' and ')}.** ${code('crossgate diff --format json')} has all.`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? '' : '.'}`
}

/** What still fits into a length. */
class Room {
  #left: number

  /** @param length in UTF-16 units */
  constructor(length: number) {
    this.#left = length
  }

  /** @returns false where the text does not fit; something shorter may */
  take(text: string): boolean {
    if (text.length > this.#left) return false
    this.#left -= text.length
    return true
  }
}

/** So many are named in a cell. */
const SHOWN = 5

const TAIL = '\n```\n\n</details>\n\n'

// A comment has 65,536 characters at most on GitHub; the heading and the notes take the rest.
const MAX_ROWS = 28_000
const MAX_LISTS = 36_000

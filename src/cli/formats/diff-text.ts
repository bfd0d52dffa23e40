import type { Change, Direction } from '../../policy/diff/change.js'
import { escapeControls } from '../../report/display-text.js'
import { painter } from '../terminal/terminal.js'
import { countsOf, patternNote, routeText, verdictOf, whereTexts } from './diff-summary.js'

/** Changes for people, the widening ones first. */
export function diffText(changes: readonly Change[], allowWidening: boolean, colour: boolean): string {
  if (changes.length === 0) return 'the two policies do the same\n'
  const paint = painter(colour)
  const blocks = changes.map(change => {
    const { direction, note } = change
    const lines = [
      `${paint(STYLES[direction], direction.padEnd(8))}  ${escapeControls(subjectOf(change))}`,
      ...sentenceOf(change).map(line => `${INDENT}${escapeControls(line)}`),
      ...(note === undefined ? [] : [`${INDENT}${paint('faint', escapeControls(note))}`]),
    ]
    return lines.join('\n')
  })
  const note = patternNote(changes)
  const footnote = note === undefined ? '' : `\n${note}\n`
  return `${blocks.join('\n')}\n${footnote}\n${countsOf(changes)}\n${verdictOf(changes, allowWidening)}\n`
}

/** What a change is about: `orders (api.shop.example/orders/*)`. */
function subjectOf(change: Change): string {
  const where = whereTexts(change).map(({ host, pattern }) => `${host}${pattern}`)
  return where.length === 0 ? routeText(change) : `${routeText(change)}  (${where.join('; ')})`
}

function sentenceOf({ origins, what }: Change): readonly string[] {
  if (origins.length === 0) return [what]
  if (origins.length <= IN_A_LINE) return [origins.join(', '), `  ${what}`]
  const more = origins.length - SHOWN
  return [
    `${origins.length} origins`,
    `  ${what}:`,
    ...origins.slice(0, SHOWN).map(origin => `    ${origin}`),
    ...(more > 0 ? [`    and ${more} more: --format json names all`] : []),
  ]
}

const STYLES: Readonly<Record<Direction, 'bad' | 'good' | 'faint'>> = {
  wider: 'bad',
  narrower: 'good',
  neutral: 'faint',
}
const INDENT = ' '.repeat(10)

const IN_A_LINE = 10
/** So many origins of a change are named: more than this nobody reads, and a policy can have a hundred thousand. */
const SHOWN = 500

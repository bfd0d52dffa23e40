import type { Change, Direction } from '../policy/diff/change.js'
import { escapeControls } from '../report/display-text.js'
import { painter } from './terminal.js'

/** Changes for people, the widening ones first. */
export function diffText(changes: readonly Change[], colour: boolean): string {
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
  const pattern = changes.some(({ origins }) => origins.some(origin => /\*|any other/.test(origin)))
    ? '\nA pattern stands for those origins that neither policy names more exactly.\n'
    : ''
  return `${blocks.join('\n')}\n${pattern}\n${countsOf(changes)}\n`
}

/** `2 wider, 1 neutral`. */
export function countsOf(changes: readonly Change[]): string {
  return (['wider', 'narrower', 'neutral'] as const)
    .map(direction => [direction, changes.filter(change => change.direction === direction).length] as const)
    .filter(([, count]) => count > 0)
    .map(([direction, count]) => `${count} ${direction}`)
    .join(', ')
}

/** What a change is about: `orders (api.shop.example/orders/*)`. */
function subjectOf({ from, to, where }: Change): string {
  const route = to ?? from
  if (route === undefined) return 'the whole policy'
  const was = from === undefined || from === route ? '' : `, ${from} before`
  return `${route}${was}  (${where.map(text => (text.startsWith('/') ? `any host, ${text}` : text)).join('; ')})`
}

function sentenceOf({ origins, what }: Change): readonly string[] {
  if (origins.length === 0) return [what]
  const more = origins.length > SHOWN ? ` and ${origins.length - SHOWN} more` : ''
  return [`${origins.slice(0, SHOWN).join(', ')}${more}`, `  ${what}`]
}

const STYLES: Readonly<Record<Direction, 'bad' | 'good' | 'faint'>> = {
  wider: 'bad',
  narrower: 'good',
  neutral: 'faint',
}
const INDENT = ' '.repeat(10)

/** So many origins are named; all are in the JSON. */
const SHOWN = 10

import type { Change } from '../policy/diff/change.js'
import { code, plain, tableOf } from '../report/markdown.js'
import { countsOf } from './diff-text.js'

/** Changes as a pull-request comment. */
export function diffMarkdown(
  changes: readonly Change[],
  { before, after }: { readonly before: string; readonly after: string },
): string {
  const revisions = `Policy ${code(before.slice(0, 12))} → ${code(after.slice(0, 12))}`
  if (changes.length === 0) return `### CORS policy: no change in effect\n\n${revisions}\n`
  const rows = changes.map(change => [
    change.direction === 'wider' ? '**wider**' : change.direction,
    routeOf(change),
    originsOf(change),
    [change.what, change.note]
      .filter(part => part !== undefined)
      .map(plain)
      .join('. '),
  ])
  return `### CORS policy: ${countsOf(changes)}\n\n${tableOf(['', 'route', 'origins', 'change'], rows)}\n\n${revisions}\n`
}

function routeOf({ from, to }: Change): string {
  const route = to ?? from
  if (route === undefined) return 'all'
  return from === undefined || from === route ? code(route) : `${code(route)}, ${code(from)} before`
}

function originsOf({ origins }: Change): string {
  const shown = origins.slice(0, SHOWN).map(code).join(', ')
  return origins.length > SHOWN ? `${shown} and ${origins.length - SHOWN} more` : shown
}

/** So many origins are named; all are in the JSON. */
const SHOWN = 10

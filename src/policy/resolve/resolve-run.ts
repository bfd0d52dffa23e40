import { isPlainOrigin } from '../../cors/origins/plain-origin.js'
import { type RunNode, runItem } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import type { OriginTable } from '../resolved/origin-table.js'
import { resolveOrigin } from './resolve-origin.js'

/**
 * Adds a run of origins to the table. One of the common shape goes there as its text, without a node or an object for
 * it: that is most of what 100,000 origins cost. Any other is resolved like every entry.
 */
export function resolveRun(run: RunNode, table: OriginTable, problems: ProblemList): void {
  const { source, starts, ends } = run
  // One line each, all at the same column.
  const first = source.position(starts[0] as number, ends[0] as number)
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index] as number
    const end = ends[index] as number
    const text = source.text.slice(start, end)
    if (isPlainOrigin(text)) {
      table.addBare(text, first.line + index, first.column, first.column + end - start)
      continue
    }
    const entry = resolveOrigin(runItem(run, index), problems)
    if (entry !== undefined) table.add(entry)
  }
}

import type { Change } from '../../policy/diff/change.js'
import { formatJson } from '../../report/json.js'
import { isWidening } from './diff-summary.js'

/**
 * Changes for tools, all of them with all their origins. `before` and `after` hold what each policy has of its own.
 *
 * @param revisions of the two policies
 */
export function diffJson(
  changes: readonly Change[],
  { before, after }: { readonly before: string; readonly after: string },
): string {
  return formatJson('diff', {
    before: { policyRevision: before },
    after: { policyRevision: after },
    wider: isWidening(changes),
    changes: changes.map(({ direction, from, to, ...change }) => ({
      direction,
      ...(from !== undefined && { before: { route: from } }),
      ...(to !== undefined && { after: { route: to } }),
      ...change,
    })),
  })
}

import type { PolicyChange } from '../../policy/diff/policy-changes.js'

/** What a reload changes, in one line for the log; a long list is cut and counted. */
export function changesSummary(changes: readonly PolicyChange[]): string {
  if (changes.length === 0) return 'nothing changes for browsers'
  const listed = changes.slice(0, MAX_LISTED).map(({ summary }) => summary)
  const more = changes.length - listed.length
  return more > 0 ? `${listed.join('; ')}; and ${more} more` : listed.join('; ')
}

const MAX_LISTED = 20

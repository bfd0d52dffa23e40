import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import { type PolicyChange, policyChanges } from '../../policy/diff/policy-changes.js'

/**
 * What a policy that is loaded changes about the one before, if there was one. Best effort and bounded: the policy is
 * good whatever becomes of this.
 */
export function sumUpChanges(
  before: CompiledPolicy | undefined,
  after: CompiledPolicy,
): readonly PolicyChange[] {
  if (before === undefined || before.revision === after.revision) return []
  try {
    return policyChanges(before, after, Date.now())
  } catch (error) {
    return notSummedUp(error as Error)
  }
}

/** In place of changes that nobody knows: none would mean that nothing changes. */
export function notSummedUp({ message }: Error): readonly PolicyChange[] {
  return [{ summary: `what it changes was not summed up: ${message}`, details: [] }]
}

/** What a reload changes, in one line for the log; a long list is cut and counted. */
export function changesSummary(changes: readonly PolicyChange[]): string {
  if (changes.length === 0) return 'nothing changes for browsers'
  const listed = changes.slice(0, MAX_LISTED).map(({ summary }) => summary)
  const more = changes.length - listed.length
  return more > 0 ? `${listed.join('; ')}; and ${more} more` : listed.join('; ')
}

const MAX_LISTED = 20

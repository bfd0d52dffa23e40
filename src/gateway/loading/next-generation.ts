import type { PolicyChange } from '../../policy/diff/policy-changes.js'
import type { Problem } from '../../policy/problems/problem.js'
import { openGeneration } from './generation.js'
import type { Generation } from './live-policy.js'
import { type LoadBesideOptions, loadBeside } from './load-beside.js'
import type { PolicyFile } from './policy-source.js'

/** One that could come into force. */
export interface NextGeneration extends Generation {
  /** Against `before` of the options. */
  readonly changes: readonly PolicyChange[]
}

/** Why a policy cannot come into force. */
export interface Refusal {
  /** One sentence. */
  readonly error: string
  readonly problems: readonly Problem[]
}

/**
 * Loads a policy and opens its upstreams, while `current` serves. Never throws.
 *
 * @param share as of `openGeneration`
 */
export async function openNext(
  files: readonly PolicyFile[],
  current: Generation,
  options: LoadBesideOptions,
  share = 1,
): Promise<NextGeneration | Refusal> {
  try {
    const { policy, problems, changes } = await loadBeside(files, options)
    if (policy !== undefined) return { ...openGeneration(policy, current, share), changes }
    const errors = problems.filter(({ severity }) => severity === 'error')
    return {
      error: `the policy has ${errors.length} error${errors.length === 1 ? '' : 's'}`,
      problems: errors,
    }
  } catch (error) {
    return { error: (error as Error).message, problems: [] }
  }
}

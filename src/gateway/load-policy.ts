import { compilePolicy } from '../policy/compile.js'
import type { CompiledPolicy } from '../policy/compiled-policy.js'
import type { Problem } from '../policy/problem.js'
import { resolvePolicy } from '../policy/resolve.js'
import { type PolicyFile, readPolicyFiles } from './policy-source.js'

/** A policy ready to serve, or everything that is wrong with it. The same for every command. */
export type LoadResult =
  | {
      readonly policy: CompiledPolicy
      readonly problems: readonly Problem[]
      readonly files: readonly PolicyFile[]
    }
  | {
      readonly policy: undefined
      readonly problems: readonly Problem[]
      readonly files: readonly PolicyFile[]
    }

/**
 * Reads, resolves and compiles the policy at `path`, a file or a directory.
 *
 * @throws Error with one sentence, where it cannot be read.
 */
export function loadPolicy(path: string): LoadResult {
  const files = readPolicyFiles(path)
  const result = resolvePolicy(files)
  const policy = result.policy && compilePolicy(result.policy)
  return { policy, problems: result.problems, files }
}

import { type LoadOptions, type LoadResult, loadPolicy } from '../gateway/loading/load-policy.js'
import { printLoadFailure } from './load-failure.js'

/** A policy that loads. */
export type LoadedPolicy = LoadResult & { readonly policy: NonNullable<LoadResult['policy']> }

/** Loads the policy that a command is about, as `serve` would; where it does not load, says why on stderr. */
export function openPolicy(path: string, options: LoadOptions = {}): LoadedPolicy | undefined {
  try {
    return usable(loadPolicy(path, options))
  } catch (error) {
    process.stderr.write(`crossgate: ${(error as Error).message}\n`)
    return undefined
  }
}

/** The result where it holds a policy; else says why it holds none. */
export function usable(result: LoadResult): LoadedPolicy | undefined {
  const { policy, problems, files } = result
  if (policy !== undefined) return { ...result, policy }
  printLoadFailure({ exit: 2, problems, files, message: 'the policy is invalid' })
  return undefined
}

import { type LoadOptions, type LoadResult, loadPolicy } from '../gateway/loading/load-policy.js'
import { printLoadFailure } from './load-failure.js'
import type { Refusal } from './refusal.js'

/** A policy that loads. */
export type LoadedPolicy = LoadResult & { readonly policy: NonNullable<LoadResult['policy']> }

/** Loads the policy that a command is about, as `serve` would; where it does not load, says why on stderr. */
export function openPolicy(
  path: string,
  options: LoadOptions = {},
  refused?: (refusal: Refusal) => void,
): LoadedPolicy | undefined {
  return openLoaded(path, () => loadPolicy(path, options), refused)
}

/**
 * The same of a policy that is loaded in another way.
 *
 * @param refused hears of it too, for formats that tools read
 */
export function openLoaded(
  path: string,
  load: () => LoadResult,
  refused: (refusal: Refusal) => void = () => {},
): LoadedPolicy | undefined {
  const failure = { exit: 2, message: 'the policy is invalid' } as const
  try {
    const result = load()
    const { policy, problems, files } = result
    if (policy !== undefined) return { ...result, policy }
    printLoadFailure({ ...failure, problems, files })
    refused({ path, message: failure.message, problems })
  } catch (error) {
    const { message } = error as Error
    printLoadFailure({ ...failure, message, problems: [], files: [] })
    refused({ path, message, problems: [] })
  }
  return undefined
}

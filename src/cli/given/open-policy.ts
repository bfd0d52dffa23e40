import { type LoadOptions, type LoadResult, loadPolicy } from '../../gateway/loading/load-policy.js'
import type { Given } from '../../read-settings.js'
import { printLoadFailure } from '../terminal/load-failure.js'
import type { Refusal } from '../terminal/refusal.js'
import { givenByArgument, withSource } from './given-settings.js'

/** A policy that loads. */
export type LoadedPolicy = LoadResult & { readonly policy: NonNullable<LoadResult['policy']> }

/** Hears of what cannot be used too, for formats that tools read. */
export type HearRefusal = (refusal: Refusal) => void

/**
 * Loads the policy that a command is about, as `serve` would; where it does not load, says why on stderr.
 *
 * @param ceiling what `settingOf` has of it
 */
export function openPolicy(
  policy: string | Given,
  ceiling?: Given,
  refused?: HearRefusal,
): LoadedPolicy | undefined {
  const given = typeof policy === 'string' ? givenByArgument(policy) : policy
  const path = given.text ?? ''
  return openLoaded(path, () => loadPolicy(path, boundBy(ceiling)), refused, [given, ceiling])
}

/**
 * The same of a policy that is loaded in another way.
 *
 * @param given the settings that name files, to say where the name stands of one that cannot be read
 */
export function openLoaded(
  path: string,
  load: () => LoadResult,
  refused: HearRefusal = () => {},
  given: readonly (Given | undefined)[] = [],
): LoadedPolicy | undefined {
  const failure = { exit: 2, message: 'the policy is invalid' } as const
  try {
    const result = load()
    const { policy, problems, files } = result
    if (policy !== undefined) return { ...result, policy }
    printLoadFailure({ ...failure, problems, files })
    refused({ path, message: failure.message, problems })
  } catch (error) {
    const named = given.filter(one => one !== undefined)
    const message = withSource((error as Error).message, named)
    printLoadFailure({ ...failure, message, problems: [], files: [] })
    refused({ path, message, problems: [] })
  }
  return undefined
}

/** With the ceiling that is given, if one is. */
export function boundBy(ceiling: Given | undefined): LoadOptions {
  return { ceiling: ceiling?.text || undefined }
}

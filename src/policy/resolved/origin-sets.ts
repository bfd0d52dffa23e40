import type { ResolvedOrigin, ResolvedOriginSet, ResolvedPolicy } from './resolved-policy.js'

/** Every origin set of a policy once: the named ones, used or not, and those inside rules. */
export function originSetsOf({ originSets, routes }: ResolvedPolicy): ReadonlySet<ResolvedOriginSet> {
  const inRules = routes.flatMap(({ cors }) => cors.flatMap(({ origins }) => origins))
  return new Set([...originSets.values(), ...inRules])
}

export function* eachOrigin(policy: ResolvedPolicy): Iterable<ResolvedOrigin> {
  for (const { entries } of originSetsOf(policy)) yield* entries
}

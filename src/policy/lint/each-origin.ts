import type { ResolvedOrigin, ResolvedOriginSet, ResolvedPolicy } from '../resolved/resolved-policy.js'

/** Every origin set of a policy once: the named ones, used or not, and those inside rules. */
export function* eachOriginSet(policy: ResolvedPolicy): Iterable<ResolvedOriginSet> {
  yield* policy.originSets.values()
  for (const { cors } of policy.routes) {
    for (const { origins } of cors) yield* origins.filter(({ name }) => name === undefined)
  }
}

export function* eachOrigin(policy: ResolvedPolicy): Iterable<ResolvedOrigin> {
  for (const { entries } of eachOriginSet(policy)) yield* entries
}

/** A rule as the audit record counts them: `cors[0]` of the route `orders`, from 0. */
export function ruleName(routeId: string, index: number): string {
  return `\`cors[${index}]\` of the route \`${routeId}\``
}

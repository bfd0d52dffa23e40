import { remembered } from '../../http/remembered.js'
import type { CompiledPolicy, CompiledRoute } from '../../policy/compiled/compiled-policy.js'
import { type Evaluation, isOriginAtFault, nearMissOn } from '../../policy/evaluate.js'

/**
 * What a denial's record says of the entry that its origin only just misses: kind and entry, such as
 * `other-scheme https://www.shop.example`; undefined where there is none. Worked out once for an origin on a route, as
 * a flood is mostly of the same ones: an entry that has expired meanwhile is still the one that was missed.
 */
export function hintOf(
  policy: CompiledPolicy,
  evaluation: Evaluation,
  origin: string | undefined,
): string | undefined {
  const { route } = evaluation
  if (origin === undefined || route === undefined || !isOriginAtFault(evaluation)) return undefined
  const hintFor = hints.get(route) ?? newHints(policy, route)
  return hintFor(origin) || undefined
}

// It outlives the request, and holds nothing of it.
function newHints(policy: CompiledPolicy, route: CompiledRoute): (origin: string) => string {
  const hintFor = remembered(origin => {
    const miss = nearMissOn(policy, route, origin, Date.now())
    return miss === undefined ? '' : `${miss.kind} ${miss.entry}`
  })
  hints.set(route, hintFor)
  return hintFor
}

const hints = new WeakMap<CompiledRoute, (origin: string) => string>()

import { rememberedFor } from '../../http/remembered.js'
import type { CompiledPolicy, CompiledRoute } from '../../policy/compiled/compiled-policy.js'
import { expiredEntry, expiredText } from '../../policy/compiled/expired-entry.js'
import { type Evaluation, nearMissOn, routeWithoutOrigin } from '../../policy/evaluate.js'

/**
 * What a denial's record says of the entry that its origin only just misses: kind and entry, such as
 * `other-scheme https://www.shop.example`; undefined where there is none. Of one that has expired also where it is, whose
 * and its last day. Worked out once for an origin on a route, as a flood is mostly of the same ones: an entry that has
 * expired meanwhile is still the one that was missed.
 */
export function hintOf(
  policy: CompiledPolicy,
  evaluation: Evaluation,
  origin: string | undefined,
): string | undefined {
  const route = routeWithoutOrigin(evaluation)
  if (origin === undefined || route === undefined) return undefined
  const hint =
    evaluation.decision.reason === 'origin-expired'
      ? expiredHint(route, origin)
      : hintFor(route, origin, policy)
  return hint || undefined
}

const textBytes = (hint: string): number => 2 * hint.length

const expiredHint = rememberedFor((route: CompiledRoute, origin) => {
  const expired = expiredEntry(route, origin)
  return expired === undefined ? '' : `expired ${expiredText(expired)}`
}, textBytes)

// It outlives the request, and holds nothing of it.
const hintFor = rememberedFor((route: CompiledRoute, origin, policy: CompiledPolicy) => {
  const miss = nearMissOn(policy, route, origin, Date.now())
  return miss === undefined ? '' : `${miss.kind} ${miss.entry}`
}, textBytes)

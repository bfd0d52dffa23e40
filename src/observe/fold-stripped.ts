import { type Foldable, keyOf } from './fold.js'
import type { StrippedEvent } from './operations-event.js'

/**
 * Which removals are equal: those of one upstream, route and set of names. In report mode nothing is removed, and the
 * record is what a rule is written from: there it matters to whom what was granted, so those are told apart too.
 */
export function foldableStripped(event: StrippedEvent): Foldable<StrippedEvent> {
  const { key, upstream } = event.kind
  if (event.enforced) return { event, key, overflowKey: upstream }
  const { allowOrigin, allowCredentials, exposeHeaders } = event
  return {
    event,
    key: keyOf(key, allowOrigin, allowCredentials, exposeHeaders, 'report'),
    overflowKey: keyOf(upstream, 'report'),
  }
}

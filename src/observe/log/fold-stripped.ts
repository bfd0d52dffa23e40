import type { StrippedEvent } from '../events/operations-event.js'
import { keyOf } from './fold.js'

/**
 * Which removals are equal: those of one upstream, route and set of names. In report mode nothing is removed, and the
 * record is what a rule is written from: there it matters to whom what was granted, so those are told apart too.
 */
export function keyOfStripped(event: StrippedEvent): string {
  const { key } = event.kind
  if (event.enforced) return key
  const { allowOrigin, allowCredentials, exposeHeaders } = event
  return keyOf(key, allowOrigin, allowCredentials, exposeHeaders, 'report')
}

export function overflowKeyOfStripped({ kind, enforced }: StrippedEvent): string {
  return enforced ? kind.upstream : keyOf(kind.upstream, 'report')
}

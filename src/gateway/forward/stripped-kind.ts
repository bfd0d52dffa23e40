import { detached } from '../../http/detached.js'
import { rememberedFor } from '../../http/remembered.js'
import type { StrippedKind } from '../../observe/events/operations-event.js'
import { printable } from '../../observe/events/printable.js'
import { keyOf } from '../../observe/log/fold.js'
import type { CompiledRoute } from '../../policy/compiled/compiled-policy.js'

/**
 * The kind of a removal of CORS headers. One object for equal ones, as a rule: an upstream that says something about CORS
 * says it in every response.
 *
 * @param names in lower case, as often as they came
 */
export function strippedKind(route: CompiledRoute, names: readonly string[]): StrippedKind {
  return kindOf(route, names.length === 1 ? names[0]! : names.join(' '))
}

function newKind({ id, upstream }: CompiledRoute, names: readonly string[]): StrippedKind {
  const headers = recordable([...new Set(names)].sort())
  return { upstream: upstream.name, route: id, headers, key: keyOf(upstream.name, id, ...headers) }
}

// An upstream chooses them, and may choose them long and many: pieces of a head that the record must not keep.
function recordable(names: readonly string[]): string[] {
  const listed = names.slice(0, MAX_NAMES).map(name => detached(printable(name, MAX_NAME_LENGTH)))
  const others = names.length - listed.length
  return others === 0 ? listed : [...listed, `and ${others} more`]
}

const MAX_NAMES = 16
const MAX_NAME_LENGTH = 64

const kindOf = rememberedFor(
  (route: CompiledRoute, joined) => newKind(route, joined.split(' ')),
  // The key holds the names once more; two bytes a character, and the head of each text.
  ({ headers, key }) => 4 * key.length + 32 * (headers.length + 4),
)

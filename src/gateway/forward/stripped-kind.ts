import { remembered } from '../../http/remembered.js'
import { keyOf } from '../../observe/fold.js'
import type { StrippedKind } from '../../observe/operations-event.js'
import type { CompiledRoute } from '../../policy/compiled/compiled-policy.js'

/**
 * The kind of a removal of CORS headers. One object for equal ones, as a rule: an upstream that says something about CORS
 * says it in every response.
 *
 * @param names in lower case, as often as they came
 */
export function strippedKind(route: CompiledRoute, names: readonly string[]): StrippedKind {
  let kindOf = kinds.get(route)
  if (kindOf === undefined) {
    kindOf = remembered(joined => newKind(route, joined.split(' ')))
    kinds.set(route, kindOf)
  }
  return kindOf(names.length === 1 ? names[0]! : names.join(' '))
}

function newKind({ id, upstream }: CompiledRoute, names: readonly string[]): StrippedKind {
  const headers = [...new Set(names)].sort()
  return { upstream: upstream.name, route: id, headers, key: keyOf(upstream.name, id, ...headers) }
}

const kinds = new WeakMap<CompiledRoute, (joined: string) => StrippedKind>()

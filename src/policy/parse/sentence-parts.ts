import type { FileKind } from '../schema/file-kind.js'
import { ANY_NAME } from '../schema/schema-at.js'

/** The map at `path`, as sentences name it: `a route`, `` `tls` ``, `the policy`. */
export function ownerOf(path: readonly PropertyKey[], kind: FileKind): string {
  const last = path.at(-1)
  if (last === undefined) return kind.noun
  if (typeof last !== 'number' && last !== ANY_NAME) return quote(last)
  // The lists of `origins` have names of the author's choice.
  return ITEMS.get(path[0] === 'origins' && path.length > 2 ? 'allowOrigins' : path.at(-2)) ?? 'an entry'
}

/** The value at `path`. */
export function subjectOf(path: readonly PropertyKey[]): string {
  const last = path.at(-1)
  return typeof last === 'number' ? `an entry of ${quote(path.at(-2))}` : quote(last)
}

export function quote(key: PropertyKey | undefined): string {
  return `\`${String(key)}\``
}

const ITEMS = new Map<PropertyKey | undefined, string>([
  ['upstreams', 'an upstream'],
  ['origins', 'an origin set'],
  ['routes', 'a route'],
  ['cors', 'a rule'],
  ['allowOrigins', 'an origin that is a map'],
  ['tests', 'a test'],
])

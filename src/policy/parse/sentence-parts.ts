import type { FileKind } from '../schema/file-kind.js'
import { ANY_NAME } from './example-text.js'

/** The map at `path`, as sentences name it: `a route`, `` `tls` ``, `the policy`. */
export function ownerOf(path: readonly PropertyKey[], kind: FileKind): string {
  const last = path.at(-1)
  if (last === undefined) return kind.noun
  return typeof last === 'number' || last === ANY_NAME ? (ITEMS.get(path.at(-2)) ?? 'an entry') : quote(last)
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

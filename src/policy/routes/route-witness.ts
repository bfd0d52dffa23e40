import type { HostPattern } from '../resolved/resolved-policy.js'
import type { Routable } from './route-table.js'

/** A request as far as routing sees it. */
export interface Witness {
  readonly host: string
  readonly segments: readonly string[]
}

/**
 * Requests that only this route's own pattern is sure to hold: each `*` and each unknown host label is a name that
 * no policy has. If even these all go elsewhere, so does every other request.
 *
 * @param depth of the deepest pattern in the table: a longer rest behaves like one of that length
 */
export function* witnessesOf(route: Routable, depth: number): Iterable<Witness> {
  const fixed = route.segments.flatMap(segment =>
    segment.kind === 'literal' ? [segment.text] : segment.kind === 'one' ? [FRESH] : [],
  )
  const hosts = route.hosts.length === 0 ? [FRESH_HOST] : route.hosts.map(freshHost)
  const tails = route.segments.at(-1)?.kind === 'rest' ? tailsUpTo(depth) : [[]]
  for (const host of hosts) {
    for (const tail of tails) {
      // `/**` holds `/`, which is one empty segment.
      const segments = [...fixed, ...tail]
      yield { host, segments: segments.length === 0 ? [''] : segments }
    }
  }
}

/** A host that the pattern holds, and no more specific one does. */
export function freshHost({ kind, name }: HostPattern): string {
  return kind === 'exact' ? name : `${FRESH}.${name}`
}

function tailsUpTo(depth: number): readonly (readonly string[])[] {
  return Array.from({ length: depth + 1 }, (_, length) => {
    const tail = Array<string>(length).fill(FRESH)
    return [tail, [...tail, '']]
  }).flat()
}

/** A segment and a label that no policy has. */
export const FRESH = 'any-other-name'
export const FRESH_HOST = 'any-other-host.invalid'

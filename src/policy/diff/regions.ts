import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import { hostPatternText } from '../resolved/host-pattern-text.js'
import type { PathSegment } from '../resolved/resolved-policy.js'
import { servesHost } from '../routes/request-host.js'
import { literalKey } from '../routes/route-table.js'
import { FRESH, FRESH_HOST, freshHost } from '../routes/route-witness.js'

/** Requests that go to one route in the old policy and to one in the new. */
export interface Region {
  readonly before: CompiledRoute | undefined
  readonly after: CompiledRoute | undefined
  /** Patterns of such requests, a few of them. */
  readonly where: readonly string[]
}

/**
 * Divides all requests by the routes of both policies, and finds for each part who answers before and after. Every
 * path that two patterns could tell apart is walked, so no part is missed.
 */
export function regionsOf(before: CompiledPolicy, after: CompiledPolicy): readonly Region[] {
  const regions = new Map<
    string,
    { before: CompiledRoute | undefined; after: CompiledRoute | undefined; where: string[] }
  >()
  for (const { name, host } of hostsOf([...before.routes, ...after.routes])) {
    const serving = [...before.routes, ...after.routes].filter(route => servesHost(route, host))
    const patterns = serving.map(({ segments }) => segments)
    for (const segments of pathsOf(patterns)) {
      const old = before.table.find(host, segments).route
      const now = after.table.find(host, segments).route
      if (old === undefined && now === undefined) continue
      const key = JSON.stringify([old?.id, now?.id])
      const region = regions.get(key) ?? { before: old, after: now, where: [] }
      regions.set(key, region)
      if (region.where.length < SHOWN) region.where.push(`${name}/${segments.map(shown).join('/')}`)
    }
  }
  return Array.from(regions.values(), region => ({ ...region, where: whereOf(region) }))
}

// A route's own pattern says it best, unless only some of its requests are meant.
function whereOf({ before, after, where }: Region): readonly string[] {
  const pattern = after === undefined ? before && patternsOf(before) : patternsOf(after)
  const isWhole = before === undefined || after === undefined || patternsOf(before).join() === pattern?.join()
  return isWhole && pattern !== undefined ? pattern : where
}

function patternsOf({ hosts, path }: CompiledRoute): readonly string[] {
  if (hosts.length === 0) return [path]
  return hosts.map(host => `${hostPatternText(host)}${path}`)
}

function hostsOf(
  routes: readonly CompiledRoute[],
): readonly { readonly name: string; readonly host: string }[] {
  const hosts = new Map<string, string>()
  for (const pattern of routes.flatMap(route => route.hosts)) {
    hosts.set(hostPatternText(pattern), freshHost(pattern))
  }
  const named = Array.from(hosts, ([name, host]) => ({ name, host }))
  return [...named, { name: '', host: FRESH_HOST }]
}

/**
 * One path for each set of patterns that a path can satisfy: the walk of all patterns at once, as one automaton. Where
 * the same patterns are at the same places, the same will follow, so such a state is entered once.
 */
function* pathsOf(all: readonly (readonly PathSegment[])[]): Iterable<readonly string[]> {
  const patterns = [...new Map(all.map(segments => [JSON.stringify(segments), segments])).values()]
  const seen = new Set<string>()
  const queue: { readonly path: readonly string[]; readonly live: readonly (readonly PathSegment[])[] }[] = [
    { path: [], live: patterns },
  ]
  const numbers = new Map(patterns.map((pattern, index) => [pattern, index]))
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    const { path, live } = state
    const next = new Set<string>([FRESH, ''])
    for (const pattern of live) {
      const segment = segmentAt(pattern, path.length)
      if (segment?.kind === 'literal') next.add(segment.text)
    }
    for (const segment of next) {
      const left = live.filter(pattern => takes(segmentAt(pattern, path.length), segment))
      const places = left.map(pattern => `${numbers.get(pattern)}:${placeIn(pattern, path.length + 1)}`)
      const key = `${segment === ''} ${places.join()}`
      if (seen.has(key)) continue
      seen.add(key)
      yield [...path, segment]
      // An empty segment is the end of every path.
      if (segment !== '' && left.length > 0) queue.push({ path: [...path, segment], live: left })
    }
  }
}

function segmentAt(pattern: readonly PathSegment[], depth: number): PathSegment | undefined {
  return pattern[placeIn(pattern, depth)]
}

// A `**` takes everything from its place on.
function placeIn(pattern: readonly PathSegment[], depth: number): number {
  return pattern.at(-1)?.kind === 'rest' ? Math.min(depth, pattern.length - 1) : depth
}

function takes(segment: PathSegment | undefined, text: string): boolean {
  if (segment === undefined) return false
  if (segment.kind === 'rest') return true
  return segment.kind === 'one' ? text !== '' : literalKey(segment.text) === literalKey(text)
}

function shown(segment: string): string {
  return segment === FRESH ? '*' : segment
}

/** So many examples of a region's requests are kept. */
const SHOWN = 3

import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import { hostPatternText } from '../resolved/host-pattern-text.js'
import { FRESH } from '../routes/route-witness.js'
import { distinctPaths } from './distinct-paths.js'
import type { Effort } from './effort.js'
import { hostClassesOf } from './host-classes.js'

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
 *
 * @returns undefined where there are more than the effort suffices for
 */
export function regionsOf(
  before: CompiledPolicy,
  after: CompiledPolicy,
  effort: Effort,
): readonly Region[] | undefined {
  const regions = new Map<
    string,
    { before: CompiledRoute | undefined; after: CompiledRoute | undefined; where: string[] }
  >()
  for (const { name, host, patterns } of hostClassesOf([...before.routes, ...after.routes])) {
    const paths = distinctPaths(patterns, effort)
    let next = paths.next()
    for (; next.done !== true; next = paths.next()) {
      const segments = next.value
      const old = before.table.find(host, segments).route
      const now = after.table.find(host, segments).route
      if (old === undefined && now === undefined) continue
      const key = JSON.stringify([old?.id, now?.id])
      const region = regions.get(key) ?? { before: old, after: now, where: [] }
      regions.set(key, region)
      if (region.where.length < SHOWN) region.where.push(`${name}/${segments.map(shown).join('/')}`)
    }
    if (!next.value) return undefined
  }
  return Array.from(regions.values(), region => ({ ...region, where: whereOf(region) }))
}

/**
 * The same with no look at a single path. A route that has its name, its hosts and its path in both policies answers the
 * same requests in both, but for those that routes take from it which are `moved`: new, gone, or elsewhere. Where none
 * is, no part is missed either.
 */
export function regionsByRoute(
  before: CompiledPolicy,
  after: CompiledPolicy,
): { readonly kept: readonly Region[]; readonly moved: readonly Region[] } {
  const kept: Region[] = []
  const moved: Region[] = []
  const old = new Map(before.routes.map(route => [route.id, route]))
  for (const route of after.routes) {
    const region = { before: old.get(route.id), after: route, where: patternsOf(route) }
    old.delete(route.id)
    const isKept = region.before !== undefined && isSamePlace(region.before, route)
    if (isKept) kept.push(region)
    else moved.push(region)
  }
  for (const route of old.values()) moved.push({ before: route, after: undefined, where: patternsOf(route) })
  return { kept, moved }
}

// A route's own pattern says it best, unless only some of its requests are meant.
function whereOf({ before, after, where }: Region): readonly string[] {
  if (before !== undefined && after !== undefined && !isSamePlace(before, after)) return where
  const route = after ?? before
  return route === undefined ? where : patternsOf(route)
}

function isSamePlace(a: CompiledRoute, b: CompiledRoute): boolean {
  return patternsOf(a).join() === patternsOf(b).join()
}

function patternsOf({ hosts, path }: CompiledRoute): readonly string[] {
  if (hosts.length === 0) return [path]
  return hosts.map(host => `${hostPatternText(host)}${path}`)
}

function shown(segment: string): string {
  return segment === FRESH ? '*' : segment
}

/** So many examples of a region's requests are kept. */
const SHOWN = 3

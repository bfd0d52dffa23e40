import type { PathSegment } from '../resolved/resolved-policy.js'
import { literalKey } from '../routes/route-table.js'
import { FRESH } from '../routes/route-witness.js'
import type { Effort } from './effort.js'

/** A route's path as it is matched. */
export type PathPattern = readonly PathSegment[]

/**
 * One path for each set of patterns that a path can satisfy: the walk of all patterns at once, as one automaton. Where
 * the same patterns are at the same places, the same will follow, so such a state is entered once. There can be a state
 * for each subset of the patterns all the same.
 *
 * @returns through `yield` each path, and false in the end where the effort did not suffice: paths are missing then
 */
export function* distinctPaths(
  all: readonly PathPattern[],
  effort: Effort,
): Generator<readonly string[], boolean> {
  const patterns = all.map((segments, number): NumberedPattern => ({ number, segments }))
  const seen = new Set<string>()
  const queue: State[] = [{ path: [], live: patterns }]
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    const depth = state.path.length
    for (const [segment, left] of nextOf(state)) {
      // What it takes to look the path up: each pattern that is left, at each place of the path.
      if (!effort.spend((1 + left.length) * (1 + depth))) return false
      const places = left.map(({ number, segments }) => `${number}:${placeIn(segments, depth + 1)}`)
      const key = `${segment === ''} ${places.join()}`
      if (seen.has(key)) continue
      seen.add(key)
      const path = [...state.path, segment]
      yield path
      // An empty segment is the end of every path.
      if (segment !== '' && left.length > 0) queue.push({ path, live: left })
    }
  }
  return true
}

interface NumberedPattern {
  readonly number: number
  readonly segments: PathPattern
}

/** A path, and those patterns in their order that it may satisfy as far as it goes. */
interface State {
  readonly path: readonly string[]
  readonly live: readonly NumberedPattern[]
}

// Each segment that a pattern could tell from others, with the patterns that take it.
function* nextOf({ path, live }: State): Iterable<readonly [string, readonly NumberedPattern[]]> {
  const ones: NumberedPattern[] = []
  const rests: NumberedPattern[] = []
  const literals = new Map<string, { readonly text: string; readonly takers: NumberedPattern[] }>()
  for (const pattern of live) {
    const segment = pattern.segments[placeIn(pattern.segments, path.length)]
    if (segment?.kind === 'one') ones.push(pattern)
    if (segment?.kind === 'rest') rests.push(pattern)
    if (segment?.kind !== 'literal') continue
    const key = literalKey(segment.text)
    const known = literals.get(key) ?? { text: segment.text, takers: [] }
    literals.set(key, known)
    known.takers.push(pattern)
  }
  const wild = inOrder(ones, rests)
  yield [FRESH, wild]
  yield ['', inOrder(literals.get('')?.takers ?? [], rests)]
  literals.delete('')
  for (const { text, takers } of literals.values()) yield [text, inOrder(takers, wild)]
}

function inOrder(a: readonly NumberedPattern[], b: readonly NumberedPattern[]): readonly NumberedPattern[] {
  return [...a, ...b].sort((one, other) => one.number - other.number)
}

// A `**` takes everything from its place on.
function placeIn(pattern: PathPattern, depth: number): number {
  return pattern.at(-1)?.kind === 'rest' ? Math.min(depth, pattern.length - 1) : depth
}

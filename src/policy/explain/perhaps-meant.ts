import { type Origin, parseOrigin } from '../../cors/origins/origin.js'
import type { CompiledRoute } from '../compiled/compiled-policy.js'
import { editDistance } from '../problems/suggest.js'
import type { ResolvedOrigin } from '../resolved/resolved-policy.js'
import type { Explanation } from './explain.js'

/** An entry that is spelled nearly like a denied origin. They are two hosts all the same. */
export interface PerhapsMeant {
  readonly entry: ResolvedOrigin
  /** Letters that differ: 1 or 2. */
  readonly letters: number
}

/**
 * The living entry of the route that differs from a denied origin by a letter or two of its host, where no near miss
 * explains the denial. It looks at every entry, so it is for `explain` and for no request.
 *
 * @param now Unix milliseconds
 */
export function perhapsMeant(
  { evaluation: { route, decision }, request, nearMiss }: Explanation,
  now: number,
): PerhapsMeant | undefined {
  if (route === undefined || nearMiss !== undefined || decision.reason !== 'origin-not-allowed')
    return undefined
  const origin = parseOrigin(request.origin ?? '')
  if (origin === undefined) return undefined
  let best: PerhapsMeant | undefined
  for (const entry of entriesOf(route)) {
    if (entry.expiresAt !== undefined && entry.expiresAt <= now) continue
    const letters = lettersApart(origin, entry)
    if (letters !== undefined && letters < (best?.letters ?? MOST + 1)) best = { entry, letters }
  }
  return best
}

function* entriesOf({ cors }: CompiledRoute): Iterable<ResolvedOrigin> {
  for (const set of new Set(cors.flatMap(({ origins }) => origins))) yield* set.entries
}

function lettersApart({ scheme, host, port }: Origin, { text, pattern }: ResolvedOrigin): number | undefined {
  if (pattern.kind === 'any' || pattern.kind === 'null' || pattern.scheme !== scheme) return undefined
  const labels = host.split('.')
  if (pattern.kind === 'exact') {
    const other = parseOrigin(text)
    return other?.port === port ? between(labels, other.host.split('.')) : undefined
  }
  if (pattern.port !== '*' && pattern.port !== port) return undefined
  const wanted = pattern.host.split('.')
  if (!pattern.subdomains) return between(labels, wanted)
  return labels.length > wanted.length ? between(labels.slice(-wanted.length), wanted) : undefined
}

// Of a label, less than half may differ: `a` and `b` are two names, and no slip of the pen.
function between(labels: readonly string[], wanted: readonly string[]): number | undefined {
  if (labels.length !== wanted.length) return undefined
  let sum = 0
  for (const [index, label] of labels.entries()) {
    const other = wanted[index] as string
    if (label === other) continue
    if (Math.abs(label.length - other.length) > MOST) return undefined
    const distance = editDistance(label, other)
    sum += distance
    if (sum > MOST || distance * 2 >= other.length) return undefined
  }
  return sum === 0 ? undefined : sum
}

const MOST = 2

import type { CompiledPolicy, CompiledRoute } from './compiled-policy.js'
import type { Change } from './diff/change.js'
import { diffPolicies } from './diff/diff-policies.js'

/** One difference between two policies, short enough for a log line. */
export interface PolicyChange {
  /** E.g. `2 origins gained on route orders`. */
  readonly summary: string
  /** The origins that it is about; the first few. */
  readonly details: readonly string[]
}

/**
 * What the second policy changes about the first: `crossgate diff`, summed up by route.
 *
 * @param now Unix milliseconds
 */
export function policyChanges(
  before: CompiledPolicy,
  after: CompiledPolicy,
  now: number,
): readonly PolicyChange[] {
  const origins = new Map<string, Set<string>>()
  const plain = new Set<string>()
  const listed = new ListedOrigins(before, after)
  for (const change of diffPolicies(before, after, now)) {
    const route = change.to ?? change.from
    if (change.origins.length === 0) {
      plain.add(route === undefined ? change.what : `route ${route}: ${change.what}`)
      continue
    }
    for (const origin of change.origins) {
      const key = `${listed.verb(change, origin)} on route ${route}`
      const group = origins.get(key) ?? new Set()
      origins.set(key, group.add(origin))
    }
  }
  const counted = Array.from(origins, ([what, group]) => ({
    summary: `${group.size} origin${group.size === 1 ? '' : 's'} ${what}`,
    details: [...group].slice(0, MAX_DETAILS),
  }))
  return [...counted, ...Array.from(plain, summary => ({ summary, details: [] }))]
}

/** Tells an origin that is new on a route from one that only may do more there. */
class ListedOrigins {
  readonly #before: (id: string | undefined) => ReadonlySet<string>
  readonly #after: (id: string | undefined) => ReadonlySet<string>

  constructor(before: CompiledPolicy, after: CompiledPolicy) {
    this.#before = reader(before)
    this.#after = reader(after)
  }

  verb({ direction, from, to, what }: Change, origin: string): string {
    if (direction === 'wider' && !this.#before(from).has(origin)) return 'gained'
    if (direction === 'narrower' && !this.#after(to).has(origin)) return 'lost'
    return what
  }
}

function reader({ routes }: CompiledPolicy): (id: string | undefined) => ReadonlySet<string> {
  const byId = new Map(routes.map(route => [route.id, route]))
  const read = new Map<string | undefined, ReadonlySet<string>>()
  return id => {
    const texts = read.get(id) ?? textsOf(id === undefined ? undefined : byId.get(id))
    read.set(id, texts)
    return texts
  }
}

function textsOf(route: CompiledRoute | undefined): ReadonlySet<string> {
  const sets = route?.cors.flatMap(rule => rule.origins) ?? []
  return new Set(sets.flatMap(set => set.entries.map(({ text }) => text)))
}

const MAX_DETAILS = 50

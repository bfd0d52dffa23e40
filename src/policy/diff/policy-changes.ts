import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import type { ResolvedOriginSet } from '../resolved/resolved-policy.js'
import type { Change } from './change.js'
import { diffPolicies } from './diff-policies.js'

/** One difference between two policies, short enough for a log line. */
export interface PolicyChange {
  /** E.g. `2 origins gained on route orders`. */
  readonly summary: string
  /** The origins that it is about; the first few, and none where there are many changes. */
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
  const gained = new Map<string, OriginGroup>()
  const plain = new Set<string>()
  const listed = new ListedOrigins(before, after)
  for (const change of diffPolicies(before, after, now)) {
    const route = change.to ?? change.from
    if (change.origins.length === 0) {
      plain.add(route === undefined ? change.what : `route ${route}: ${change.what}`)
      continue
    }
    for (const [verb, origins] of listed.byVerb(change)) {
      const key = `${verb} on route ${route}`
      const group = gained.get(key) ?? new OriginGroup()
      gained.set(key, group)
      group.add(origins)
    }
  }
  const counted = Array.from(gained, ([what, group], index) => ({
    summary: `${group.size} origin${group.size === 1 ? '' : 's'} ${what}`,
    details: index < MAX_DETAILED ? group.first(MAX_DETAILS) : [],
  }))
  return [...counted, ...Array.from(plain, summary => ({ summary, details: [] }))]
}

/** Origins of several changes, each counted once. One change is the rule, and a thousand routes may share its list. */
class OriginGroup {
  readonly #lists = new Set<readonly string[]>()

  add(origins: readonly string[]): void {
    this.#lists.add(origins)
  }

  get size(): number {
    const [only, ...others] = this.#lists
    return others.length === 0 ? (only?.length ?? 0) : new Set([...this.#lists].flat()).size
  }

  first(count: number): readonly string[] {
    return [...new Set([...this.#lists].flatMap(list => list.slice(0, count)))].slice(0, count)
  }
}

/** Tells an origin that is new on a route from one that only may do more there. */
class ListedOrigins {
  readonly #before: RouteTexts
  readonly #after: RouteTexts
  /** A list that many routes share is divided once, and not for each of them. */
  readonly #known = new Map<readonly string[], Map<string, ByVerb>>()

  constructor(before: CompiledPolicy, after: CompiledPolicy) {
    this.#before = new RouteTexts(before)
    this.#after = new RouteTexts(after)
  }

  byVerb(change: Change): ByVerb {
    const known = this.#known.get(change.origins) ?? new Map<string, ByVerb>()
    this.#known.set(change.origins, known)
    const key = [
      change.direction,
      change.what,
      this.#before.keyOf(change.from),
      this.#after.keyOf(change.to),
    ].join()
    const divided = known.get(key) ?? this.#divide(change)
    known.set(key, divided)
    return divided
  }

  #divide({ direction, from, to, what, origins }: Change): ByVerb {
    if (direction === 'neutral') return new Map([[what, origins]])
    const isListed = direction === 'wider' ? this.#before.reader(from) : this.#after.reader(to)
    const news = origins.filter(origin => !isListed(origin))
    const others = news.length === 0 ? origins : origins.filter(isListed)
    const divided = new Map<string, readonly string[]>()
    if (news.length > 0) divided.set(direction === 'wider' ? 'gained' : 'lost', news)
    if (others.length > 0) divided.set(what, others)
    return divided
  }
}

type ByVerb = ReadonlyMap<string, readonly string[]>

/** The texts that a route's rules list, read once for each set and not for each route that names it. */
class RouteTexts {
  readonly #routes: ReadonlyMap<string, CompiledRoute>
  readonly #sets = new Map<ResolvedOriginSet, { readonly number: number; texts?: ReadonlySet<string> }>()

  constructor({ routes }: CompiledPolicy) {
    this.#routes = new Map(routes.map(route => [route.id, route]))
  }

  /** The same for routes that name the same sets. */
  keyOf(id: string | undefined): string {
    return this.#setsOf(id)
      .map(set => this.#known(set).number)
      .join(' ')
  }

  reader(id: string | undefined): (text: string) => boolean {
    const lists = this.#setsOf(id).map(set => this.#textsOf(set))
    return text => lists.some(texts => texts.has(text))
  }

  #setsOf(id: string | undefined): readonly ResolvedOriginSet[] {
    return (id === undefined ? undefined : this.#routes.get(id))?.cors.flatMap(rule => rule.origins) ?? []
  }

  #textsOf(set: ResolvedOriginSet): ReadonlySet<string> {
    const known = this.#known(set)
    known.texts ??= new Set(
      Array.from({ length: set.entries.length }, (_, index) => set.entries.textAt(index)),
    )
    return known.texts
  }

  #known(set: ResolvedOriginSet): { readonly number: number; texts?: ReadonlySet<string> } {
    const known = this.#sets.get(set) ?? { number: this.#sets.size }
    this.#sets.set(set, known)
    return known
  }
}

const MAX_DETAILS = 50
/** So many changes come with origins: the summaries of the last reloads are kept. */
const MAX_DETAILED = 100

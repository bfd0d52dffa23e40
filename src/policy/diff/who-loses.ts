import type { ResolvedOriginSet, ResolvedRoute } from '../resolved/resolved-policy.js'

/** Says who loses access where a route is enforced: in report mode everybody had what the upstream gave him. */
export class WhoLoses {
  readonly #now: number
  readonly #numbers = new Map<ResolvedOriginSet, number>()
  /** By the sets that a route names: a thousand routes may share one of a hundred thousand origins. */
  readonly #known = new Map<string, string>()

  /** @param now Unix milliseconds, for entries that expire */
  constructor(now: number) {
    this.#now = now
  }

  sentence({ cors }: ResolvedRoute): string {
    if (cors.some(({ anyOrigin }) => anyOrigin))
      return 'everyone loses what the upstream allowed and its rules do not'
    const sets = [...new Set(cors.flatMap(({ origins }) => origins))]
    const key = sets.map(set => this.#numberOf(set)).join()
    const sentence = this.#known.get(key) ?? this.#allBut(sets)
    this.#known.set(key, sentence)
    return sentence
  }

  #allBut(sets: readonly ResolvedOriginSet[]): string {
    const listed = new Set<string>()
    for (const { entries } of sets)
      for (const { text, expiresAt } of entries)
        if (expiresAt === undefined || expiresAt > this.#now) listed.add(text)
    const shown = [...listed].slice(0, SHOWN).join(', ')
    const more = listed.size > SHOWN ? ` and ${listed.size - SHOWN} more` : ''
    return `every ${listed.size === 0 ? 'other origin' : `origin but ${shown}${more}`} loses what the upstream allowed it`
  }

  #numberOf(set: ResolvedOriginSet): number {
    const number = this.#numbers.get(set) ?? this.#numbers.size
    this.#numbers.set(set, number)
    return number
  }
}

/** So many of the origins that a route lists are named in a sentence. */
const SHOWN = 3

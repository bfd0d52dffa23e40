import { isLoopbackHost } from '../../cors/origins/host-kind.js'
import type { OriginEntries } from '../resolved/origin-table.js'
import type { ResolvedOrigin, ResolvedOriginSet } from '../resolved/resolved-policy.js'
import { isPublicSuffix } from './public-suffix.js'

/** The entries of a set that a rule may hold only under conditions. */
export interface OriginHazards {
  /** `*`, which only inline entries can be. */
  readonly everyone: readonly ResolvedOrigin[]
  /** `null`: every sandboxed frame and local file. */
  readonly opaque: readonly ResolvedOrigin[]
  /** Plain http beyond this machine. */
  readonly insecure: readonly ResolvedOrigin[]
  /** Wildcards below which anyone can register a name. */
  readonly publicSuffix: readonly ResolvedOrigin[]
}

/** Sorts the hazards of a set out, once per set: a thousand rules may name the same hundred thousand origins. */
export class HazardIndex {
  readonly #known = new Map<ResolvedOriginSet, OriginHazards>()

  of(set: ResolvedOriginSet): OriginHazards {
    const known = this.#known.get(set)
    if (known !== undefined) return known
    const suspects: ResolvedOrigin[] = []
    for (let index = 0; index < set.entries.length; index++) {
      if (!isHarmless(set.entries, index)) suspects.push(set.entries.at(index) as ResolvedOrigin)
    }
    const hazards: OriginHazards = {
      everyone: suspects.filter(entry => entry.pattern.kind === 'any'),
      opaque: suspects.filter(entry => entry.pattern.kind === 'null'),
      insecure: suspects.filter(isInsecure),
      publicSuffix: suspects.filter(isOnPublicSuffix),
    }
    this.#known.set(set, hazards)
    return hazards
  }

  /** True where some rule has asked for the set. */
  has(set: ResolvedOriginSet): boolean {
    return this.#known.has(set)
  }
}

// By its bytes, since nearly all are: a scheme of five letters, such as https, and no wildcard after it.
function isHarmless({ texts, first }: OriginEntries, index: number): boolean {
  const start = texts.startOf(first + index)
  return (
    texts.bytes[start + 5] === COLON &&
    texts.bytes[start + 8] !== STAR &&
    texts.endOf(first + index) > start + 8
  )
}

function isInsecure({ pattern }: ResolvedOrigin): boolean {
  return 'scheme' in pattern && pattern.scheme === 'http' && !isLoopbackHost(pattern.host)
}

function isOnPublicSuffix({ pattern }: ResolvedOrigin): boolean {
  return pattern.kind === 'wildcard' && pattern.subdomains && isPublicSuffix(pattern.host)
}

const COLON = 0x3a
const STAR = 0x2a

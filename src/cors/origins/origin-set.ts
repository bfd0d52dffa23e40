import type { Origin } from './origin.js'
import { buildOriginIndex, type OriginIndex } from './origin-index.js'
import type { OriginEntry, OriginList } from './origin-list.js'
import { EMPTY_HASH, extendHash, finishHash, type TextIndex } from './text-index.js'

/** What a lookup found: the index of an entry that holds the origin, or one of the two below. */
type OriginFind = number
const NOT_FOUND: OriginFind = -1
export const ONLY_EXPIRED: OriginFind = -2

/**
 * An allowlist compiled once. A lookup is one probe for the exact origin, then two per label of its host, so its cost
 * depends on the request and not on the list. Immutable.
 */
export class OriginSet {
  /** For near misses and `explain`. */
  readonly entries: OriginList
  readonly index: OriginIndex
  readonly hasWildcards: boolean
  readonly #exact: TextIndex

  constructor(entries: OriginList, index: OriginIndex = buildOriginIndex(entries)) {
    this.entries = entries
    this.index = index
    this.hasWildcards = index.wildcard.size > 0
    this.#exact = index.exact
  }

  /**
   * Finds the entry that is this very Origin header, which therefore needs no parsing: all exact entries are serialised
   * origins.
   *
   * @param hash of the header, by `hashOf`
   * @param now Unix milliseconds
   */
  findExact(header: string, hash: number, now: number): OriginFind {
    return this.#live(this.#exact.find(header, 0, header.length, hash), now)
  }

  /** Finds an entry with a wildcard in its host or port that holds the origin. */
  findWildcard(origin: Origin, now: number): OriginFind {
    const { scheme, port } = origin
    const ports = this.index.wildcard.get(scheme)
    if (ports === undefined) return NOT_FOUND
    const onPort = this.#findHost(ports.get(port), origin, now)
    if (onPort >= 0) return onPort
    const onAny = this.#findHost(ports.get('*'), origin, now)
    return onAny >= 0 ? onAny : Math.min(onPort, onAny)
  }

  /** A living entry for the host, or for the hosts below it, whatever its scheme and port: a near miss is a lookup too. */
  byHost(host: string, now: number): OriginEntry | undefined {
    const found = this.#live(this.index.hosts.find(host), now)
    return found >= 0 ? this.entries.at(found) : undefined
  }

  #findHost(hosts: TextIndex | undefined, { text, scheme, host }: Origin, now: number): OriginFind {
    if (hosts === undefined) return NOT_FOUND
    const start = scheme.length + 3
    const end = start + host.length
    // The longest of the names below which it stands is the last one found.
    let below = NOT_FOUND
    let hash = EMPTY_HASH
    let isPlain = true
    for (let at = end - 1; at >= start; at--) {
      const code = text.charCodeAt(at)
      hash = extendHash(hash, code)
      if (code !== DOT) {
        isPlain &&= IN_LABEL[code] === 1
        continue
      }
      const found = this.#live(hosts.find(text, at, end, finishHash(hash)), now)
      if (found >= 0 || below < 0) below = found >= 0 ? found : Math.min(below, found)
    }
    const whole = this.#live(hosts.find(text, start, end, finishHash(hash)), now)
    return whole >= 0 || below === NOT_FOUND || !isPlain ? whole : below
  }

  #live(index: number, now: number): OriginFind {
    const { ends, first } = this.entries
    return index < 0 || ends === undefined || now < (ends[first + index] as number) ? index : ONLY_EXPIRED
  }
}

// What `*.` may stand for is labels of letters, digits, hyphens and underscores: some browsers let a page have an origin
// like https://evil.example`.shop.example, and no name of ours looks like that. `parseOrigin` has seen that no label is
// empty but perhaps the last, and no entry ends like that.
const IN_LABEL = new Uint8Array(256)
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789_-') IN_LABEL[char.charCodeAt(0)] = 1
const DOT = 0x2e

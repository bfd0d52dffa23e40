/**
 * A table from ASCII texts to numbers, built once. A `Map` visits a bucket, an entry, the key and the value, each in
 * another corner of memory: among 100,000 keys that costs more than the rest of a decision. Here a key is one slot and
 * one run of bytes, which are not even its own: keys are stretches of a buffer that holds them anyway.
 */
export class TextIndex {
  readonly #bytes: Uint8Array
  /** Four numbers each: the key's hash, where its bytes start, how many they are, and its number plus one. */
  readonly slots: Int32Array
  readonly #mask: number

  /** @param slots as a `TextIndexBuilder` made them for these bytes */
  constructor(bytes: Uint8Array, slots: Int32Array) {
    this.#bytes = bytes
    this.slots = slots
    this.#mask = slots.length / 4 - 1
  }

  /**
   * The number of the key that `text` is between `from` and `to`; -1 for none. A part is looked up without being cut out:
   * V8 reads a string that is a slice of another one much more slowly.
   *
   * @param hash of that text, where it is known already
   */
  find(text: string, from = 0, to = text.length, hash = hashOf(text, from, to)): number {
    const { slots } = this
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = slots[slot * 4 + 3] as number
      if (number === 0) return -1
      if (slots[slot * 4] === hash && this.#isKey(slot, text, from, to)) return number - 1
    }
  }

  #isKey(slot: number, text: string, from: number, to: number): boolean {
    const start = this.slots[slot * 4 + 1] as number
    const length = this.slots[slot * 4 + 2] as number
    if (length !== to - from) return false
    for (let at = 0; at < length; at++) {
      if (this.#bytes[start + at] !== text.charCodeAt(from + at)) return false
    }
    return true
  }
}

/** Builds the table over stretches of `bytes`. */
export class TextIndexBuilder {
  readonly #bytes: Uint8Array
  readonly #isBetter: (present: number, other: number) => boolean
  readonly #slots: Int32Array
  readonly #mask: number

  /**
   * @param count so many keys at most
   * @param isBetter whether the second number replaces the first, where both have the same key
   */
  constructor(bytes: Uint8Array, count: number, isBetter: (present: number, other: number) => boolean) {
    this.#bytes = bytes
    this.#isBetter = isBetter
    // At most half full, so that a search ends soon; a power of two, so that a mask wraps it.
    const size = 2 ** Math.ceil(Math.log2(count * 2 + 2))
    this.#slots = new Int32Array(size * 4)
    this.#mask = size - 1
  }

  /** Adds the key that stands from `start` to `end`. */
  add(start: number, end: number, number: number): void {
    const hash = this.#hash(start, end)
    const slots = this.#slots
    let slot = hash & this.#mask
    for (; slots[slot * 4 + 3] !== 0; slot = (slot + 1) & this.#mask) {
      if (slots[slot * 4] !== hash || !this.#isSame(slot, start, end)) continue
      if (this.#isBetter((slots[slot * 4 + 3] as number) - 1, number)) slots[slot * 4 + 3] = number + 1
      return
    }
    slots[slot * 4] = hash
    slots[slot * 4 + 1] = start
    slots[slot * 4 + 2] = end - start
    slots[slot * 4 + 3] = number + 1
  }

  build(): TextIndex {
    return new TextIndex(this.#bytes, this.#slots)
  }

  #isSame(slot: number, start: number, end: number): boolean {
    const other = this.#slots[slot * 4 + 1] as number
    if (this.#slots[slot * 4 + 2] !== end - start) return false
    for (let at = 0; at < end - start; at++) {
      if (this.#bytes[other + at] !== this.#bytes[start + at]) return false
    }
    return true
  }

  #hash(start: number, end: number): number {
    let hash = EMPTY_HASH
    for (let at = end - 1; at >= start; at--) hash = extendHash(hash, this.#bytes[at] as number)
    return finishHash(hash)
  }
}

/**
 * FNV-1a from the end to the start, so that one walk hashes all suffixes of a host. Whoever sends an origin can't fill the
 * table, so there is no flood to fear.
 */
export function hashOf(text: string, from = 0, to = text.length): number {
  let hash = EMPTY_HASH
  for (let at = to - 1; at >= from; at--) hash = extendHash(hash, text.charCodeAt(at))
  return finishHash(hash)
}

/** The unfinished hash with one more character in front. */
export function extendHash(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193)
}

/** Mixes the high bits into the low ones, which choose the slot. */
export function finishHash(hash: number): number {
  return hash ^ (hash >>> 15)
}

/** Of no character, unfinished. */
export const EMPTY_HASH = 0x811c9dc5

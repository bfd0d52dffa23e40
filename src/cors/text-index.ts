/**
 * A map from ASCII texts, built once. A `Map` visits a bucket, an entry, the key and the value, each in another corner of
 * memory: among 100,000 keys that costs more than the rest of a decision. Here a key is one slot and one run of bytes.
 */
export class TextIndex<V> {
  readonly #values: readonly V[]
  readonly #bytes: Uint8Array
  /** Four numbers each: the key's hash, where its bytes start, how many they are, and its value's number from 1. */
  readonly #slots: Int32Array
  readonly #mask: number

  constructor(entries: ReadonlyMap<string, V>) {
    this.#values = [...entries.values()]
    this.#bytes = new TextEncoder().encode([...entries.keys()].join(''))
    // At most half full, so that a search ends soon; a power of two, so that a mask wraps it.
    const size = 2 ** Math.ceil(Math.log2(entries.size * 2 + 2))
    this.#slots = new Int32Array(size * 4)
    this.#mask = size - 1

    let start = 0
    let number = 0
    for (const key of entries.keys()) {
      const hash = hashOf(key, 0)
      this.#slots.set([hash, start, key.length, ++number], this.#freeSlot(hash) * 4)
      start += key.length
    }
  }

  /** The value of the key that `text` is from `from` on: a suffix is looked up without being cut out. */
  get(text: string, from = 0): V | undefined {
    const hash = hashOf(text, from)
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = this.#slots[slot * 4 + 3] as number
      if (number === 0) return undefined
      if (this.#slots[slot * 4] === hash && this.#isKey(slot, text, from)) return this.#values[number - 1]
    }
  }

  #isKey(slot: number, text: string, from: number): boolean {
    const start = this.#slots[slot * 4 + 1] as number
    const length = this.#slots[slot * 4 + 2] as number
    if (length !== text.length - from) return false
    for (let at = 0; at < length; at++) {
      if (this.#bytes[start + at] !== text.charCodeAt(from + at)) return false
    }
    return true
  }

  #freeSlot(hash: number): number {
    let slot = hash & this.#mask
    while (this.#slots[slot * 4 + 3] !== 0) slot = (slot + 1) & this.#mask
    return slot
  }
}

// FNV-1a, its high bits mixed into the low ones that choose the slot. Whoever sends an origin can't fill the table, so
// there is no flood to fear.
function hashOf(text: string, from: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash ^ (hash >>> 15)
}

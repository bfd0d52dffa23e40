import { detached } from './detached.js'

/**
 * Remembers what a function said of short texts, such as header names, of which few come again and again. Bounded, so
 * that texts made up by a client cost it nothing but their own computing.
 *
 * @param of must depend on its text alone, and hand out no piece of it
 */
export function remembered<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return text => {
    const value = known.get(text)
    if (value !== undefined) return value
    const computed = of(text)
    if (text.length <= MAX_LENGTH) {
      if (known.size >= MAX_TEXTS) known.clear()
      known.set(detached(text), computed)
    }
    return computed
  }
}

/**
 * The same of short texts about an object each, for as long as that lives, and of many objects: what is kept of all
 * together has one bound in bytes, as each route of a policy is one that strangers can fill.
 *
 * @param of must depend on its object and text alone; further arguments go with the object
 * @param bytesOf about how many bytes a value holds
 */
export function rememberedFor<K extends object, T, C extends readonly unknown[]>(
  of: (key: K, text: string, ...context: C) => T,
  bytesOf: (value: T) => number,
): (key: K, text: string, ...context: C) => T {
  let young = new WeakMap<K, Map<string, T>>()
  let old = young
  memories.push(() => {
    old = young
    young = new WeakMap()
  })
  return (key, text, ...context) => {
    const known = young.get(key)?.get(text)
    if (known !== undefined) return known
    const value = old.get(key)?.get(text) ?? of(key, text, ...context)
    if (text.length <= MAX_LENGTH) {
      spend(ENTRY_BYTES + 2 * text.length + bytesOf(value))
      const ofKey = young.get(key) ?? new Map<string, T>()
      young.set(key, ofKey.set(detached(text), value))
    }
    return value
  }
}

// Whole generations go, the unused first: what is asked for again and again outlives a flood of what is not.
function spend(bytes: number): void {
  spent += bytes
  if (spent <= GENERATION_BYTES) return
  spent = bytes
  for (const age of memories) age()
}

const memories: (() => void)[] = []
let spent = 0

const MAX_TEXTS = 512
const MAX_LENGTH = 256
// Two generations are kept at most.
const GENERATION_BYTES = 4 * 1024 * 1024
// Of a map's entry and the head of its text.
const ENTRY_BYTES = 96

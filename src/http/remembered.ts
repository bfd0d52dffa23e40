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
 * The same of short texts about an object each, for as long as that lives.
 *
 * @param of must depend on its object and text alone; further arguments go with the object
 */
export function rememberedFor<K extends object, T, C extends readonly unknown[]>(
  of: (key: K, text: string, ...context: C) => T,
): (key: K, text: string, ...context: C) => T {
  const known = new WeakMap<K, (text: string) => T>()
  return (key, text, ...context) => {
    let ofText = known.get(key)
    if (ofText === undefined) {
      ofText = remembered(asked => of(key, asked, ...context))
      known.set(key, ofText)
    }
    return ofText(text)
  }
}

const MAX_TEXTS = 512
const MAX_LENGTH = 256

import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A small seeded generator of numbers from 0 to 1, so that a failure comes again. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A few random edits: bytes changed, cut out, repeated, or replaced by what parsers stumble over. */
export function mutate(seed: string, dictionary: readonly string[], random: () => number): string {
  let text = seed
  for (let edits = 1 + Math.floor(random() * 4); edits > 0; edits--) {
    const at = Math.floor(random() * (text.length + 1))
    const length = Math.floor(random() ** 3 * 40)
    const kind = random()
    if (kind < 0.25)
      text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1)
    else if (kind < 0.45) text = text.slice(0, at) + text.slice(at + length)
    else if (kind < 0.6)
      text =
        text.slice(0, at) +
        text.slice(at, at + length).repeat(2 + Math.floor(random() * 3)) +
        text.slice(at + length)
    else if (kind < 0.95)
      text = text.slice(0, at) + pick(dictionary, random) + text.slice(at + (random() < 0.5 ? 0 : length))
    else text = text.slice(0, at) + text.slice(Math.floor(random() * text.length))
  }
  return text
}

export function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)]!
}

/** The committed seeds of one kind; raw bytes, one character each. */
export function readSeeds(kind: 'http' | 'lists' | 'origins' | 'yaml'): readonly string[] {
  const dir = resolve(import.meta.dirname, 'seeds', kind)
  return readdirSync(dir)
    .sort()
    .map(name => readFileSync(resolve(dir, name), 'latin1'))
}

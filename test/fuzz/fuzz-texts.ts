import type { Test } from 'tap'
import { mutate, pick, randomFrom, readSeeds } from './mutate.js'

/** Something that reads a text from a stranger: it takes or refuses it, and never throws. */
export interface Target<T> {
  readonly kind: Parameters<typeof readSeeds>[0]
  readonly dictionary: readonly string[]
  /** What is tried, and timed. */
  read(text: string): T
  taken(result: T): boolean
  /** What is wrong with the result; undefined where nothing is. */
  fault(result: T, text: string): string | undefined
}

export interface Tally {
  readonly tried: number
  readonly taken: number
  /** Milliseconds of the text that took longest. */
  readonly slowest: number
}

/** Reads mutated seeds until the time is up or one of them is not read as it must be. */
export function fuzzTexts<T>(t: Test, target: Target<T>, seconds: number, seed: number): Tally {
  const seeds = readSeeds(target.kind)
  const random = randomFrom(seed)
  const end = performance.now() + seconds * 1000
  let [tried, taken, slowest] = [0, 0, 0]
  for (; performance.now() < end; tried++) {
    const text = mutate(pick(seeds, random), target.dictionary, random)
    const started = performance.now()
    try {
      const result = target.read(text)
      slowest = Math.max(slowest, performance.now() - started)
      if (target.taken(result)) taken++
      const fault = target.fault(result, text)
      if (fault === undefined) continue
      t.fail(fault, { text: JSON.stringify(text) })
    } catch (error) {
      t.fail('a text may be refused, never throw', { text: JSON.stringify(text), error })
    }
    break
  }
  return { tried, taken, slowest }
}

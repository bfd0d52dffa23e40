import type { OriginEntry, OriginList } from '../../src/cors/origins/origin-list.js'
import { PackedTexts } from '../../src/cors/origins/packed-texts.js'

/** An allowlist of entries that are objects already. */
export function packOrigins<E extends OriginEntry>(entries: readonly E[]): OriginList<E> {
  const texts = new PackedTexts()
  for (const { text } of entries) texts.push(text)
  texts.seal()
  const isDated = entries.some(({ expiresAt }) => expiresAt !== undefined)
  return {
    length: entries.length,
    at: index => entries[index],
    [Symbol.iterator]: () => entries[Symbol.iterator](),
    texts,
    first: 0,
    ends: isDated
      ? Float64Array.from(entries, ({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY)
      : undefined,
  }
}

import type { OriginPattern } from './origin-pattern.js'
import type { PackedTexts } from './packed-texts.js'

/** An allowlist entry as the set needs it: its pattern and when it ends. */
export interface OriginEntry {
  /** As written in the policy. */
  readonly text: string
  readonly pattern: OriginPattern
  /** Unix milliseconds from which the entry no longer holds; undefined: for ever. */
  readonly expiresAt?: number | undefined
}

/** An allowlist whose texts are packed; an entry becomes an object only when somebody asks for it. */
export interface OriginList<E extends OriginEntry = OriginEntry> extends Iterable<E> {
  readonly length: number
  at(index: number): E | undefined
  readonly texts: PackedTexts
  /** The number of entry 0 in `texts`; the others follow. */
  readonly first: number
  /** By number in `texts`: Unix milliseconds, Infinity for ever; undefined where nothing ends. */
  readonly ends: Float64Array | undefined
}

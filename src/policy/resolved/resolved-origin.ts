import type { OriginPattern } from '../../cors/origins/origin-pattern.js'
import type { Position } from '../problems/problem.js'

/** One entry of an allowlist. */
export interface ResolvedOrigin {
  /** As written: `https://www.shop.example`, `https://*.shop.example`, `null` or `*`. */
  readonly text: string
  readonly pattern: OriginPattern
  readonly owner?: string
  readonly reason?: string
  /** The first millisecond (Unix epoch, UTC) at which the entry no longer holds. */
  readonly expiresAt?: number
  readonly position: Position
}

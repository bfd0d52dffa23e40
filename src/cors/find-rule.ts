import { MAX_ORIGIN_BYTES, type Origin, parseOrigin } from './origins/origin.js'
import type { OriginEntry } from './origins/origin-list.js'
import { ONLY_EXPIRED, type OriginSet } from './origins/origin-set.js'
import { hashOf } from './origins/text-index.js'
import type { Reason } from './reason.js'
import type { AllowOrigins, Rule } from './rule.js'

/** The rule that decides for an origin; or why none does. */
type RuleMatch<R extends AllowOrigins = Rule> = RuleHit<R> | NoRule

interface NoRule {
  readonly rule: undefined
  readonly reason: Reason
}

/** The rule, and where it holds the origin. */
export class RuleHit<R extends AllowOrigins = Rule> {
  readonly rule: R
  /** Undefined for `*`. */
  readonly set: OriginSet | undefined
  readonly index: number

  constructor(rule: R, set?: OriginSet, index = 0) {
    this.rule = rule
    this.set = set
    this.index = index
  }

  /** The entry that holds the origin; undefined for `*`. Made when asked for: a decision needs the rule alone. */
  get entry(): OriginEntry | undefined {
    return this.set?.entries.at(this.index)
  }
}

/**
 * The first rule whose allowlist holds the Origin header decides. An expired entry holds nothing any more, but where
 * nothing else does either, the reason says so: whoever reads the log then knows what ran out.
 *
 * A header that stands in a list as it is needs no parsing: what is listed is a serialised origin. Any other is parsed
 * before it is held against a wildcard or `*`, once.
 *
 * @param now Unix milliseconds
 */
export function findRule<R extends AllowOrigins>(
  rules: readonly R[],
  header: string,
  now: number,
): RuleMatch<R> {
  if (header.length > MAX_ORIGIN_BYTES) return MALFORMED
  const opaque = header === 'null'
  const hash = hashOf(header)
  let origin: Origin | undefined
  let expired = false
  for (const rule of rules) {
    if (rule.anyOrigin) {
      return opaque || origin !== undefined || parseOrigin(header) !== undefined
        ? new RuleHit(rule)
        : MALFORMED
    }
    for (const set of rule.origins) {
      const exact = set.findExact(header, hash, now)
      if (exact >= 0) return new RuleHit(rule, set, exact)
      if (exact === ONLY_EXPIRED) expired = true
      if (opaque || !set.hasWildcards) continue
      origin ??= parseOrigin(header)
      if (origin === undefined) return MALFORMED
      const wildcard = set.findWildcard(origin, now)
      if (wildcard >= 0) return new RuleHit(rule, set, wildcard)
      if (wildcard === ONLY_EXPIRED) expired = true
    }
  }
  if (expired) return EXPIRED
  if (opaque) return OPAQUE
  return origin !== undefined || parseOrigin(header) !== undefined ? UNLISTED : MALFORMED
}

/**
 * The living entry of these sets that holds the Origin header, as a rule with them would find it: whoever checks what
 * requests meet asks here, and so the same function.
 */
export function findEntry(sets: readonly OriginSet[], header: string, now: number): OriginEntry | undefined {
  const found = findRule([{ origins: sets, anyOrigin: false }], header, now)
  return found.rule && found.entry
}

const MALFORMED: NoRule = { rule: undefined, reason: 'origin-malformed' }
const EXPIRED: NoRule = { rule: undefined, reason: 'origin-expired' }
const OPAQUE: NoRule = { rule: undefined, reason: 'origin-null' }
const UNLISTED: NoRule = { rule: undefined, reason: 'origin-not-allowed' }

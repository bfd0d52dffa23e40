import { findRule, type RuleHit } from '../../cors/find-rule.js'
import { placeOf } from '../problems/source.js'
import { lastDayOf } from '../resolved/last-day.js'
import type { ResolvedOrigin, ResolvedRule } from '../resolved/resolved-policy.js'
import type { CompiledRoute } from './compiled-policy.js'

/** An entry of an allowlist, and the name of its set where that has one. */
export interface SetEntry extends ResolvedOrigin {
  readonly set?: string
}

/** The entry of a rule that a lookup found; undefined for `*`. */
export function entryOf(rule: ResolvedRule, { set, index }: RuleHit): SetEntry | undefined {
  const origins = rule.origins.find(({ entries }) => entries === set?.entries)
  const entry = origins?.entries.at(index)
  return origins && entry && { ...entry, ...(origins.name !== undefined && { set: origins.name }) }
}

/**
 * The first entry of a route that would hold an origin if no entry ever ended. Of a route that denies the origin as
 * `origin-expired` it has ended. It costs as much as the decision did.
 *
 * @param rules of this route; absent: all
 */
export function expiredEntry(
  { cors, corsPolicy }: CompiledRoute,
  origin: string,
  rules: CompiledRoute['corsPolicy']['rules'] = corsPolicy.rules,
): SetEntry | undefined {
  const found = findRule(rules, origin, BEFORE_ALL_ENDS)
  return found.rule && entryOf(cors[found.rule.index] as ResolvedRule, found)
}

/** `https://old.shop.example (policy.yaml:34:26, owner team-x) ended 2026-01-01`: whom to ask, and where to write. */
export function expiredText({ text, position, owner, expiresAt = 0 }: ResolvedOrigin): string {
  const by = owner === undefined ? '' : `, owner ${owner}`
  return `${text} (${placeOf(position)}${by}) ended ${lastDayOf(expiresAt)}`
}

const BEFORE_ALL_ENDS = Number.NEGATIVE_INFINITY

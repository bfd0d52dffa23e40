import { findRule } from '../../cors/find-rule.js'
import { type NearMiss, nearMiss } from '../../cors/near-miss.js'
import type { Reason } from '../../cors/reason.js'
import type { CompiledRoute } from '../compiled/compiled-policy.js'
import { entryOf, expiredEntry, expiredText, type SetEntry } from '../compiled/expired-entry.js'
import type { Position } from '../problems/problem.js'
import type { ResolvedRule } from '../resolved/resolved-policy.js'

/** What one rule had to say about the origin. */
export interface RuleTrace {
  readonly index: number
  readonly position: Position
  /** `holds`: the first that does, so it decides. `passes`: asked, and not about this origin. `unasked`: after that. */
  readonly verdict: 'holds' | 'passes' | 'unasked'
  readonly why: string
  readonly nearMiss?: NearMiss
  /** The entry that held the origin, where it is written. */
  readonly entry?: SetEntry
  /** The entry that would have held it, and has ended. */
  readonly expired?: SetEntry
}

/**
 * Rule by rule, why the origin is held or not: each rule is asked by itself, by the function that asks them all.
 *
 * @param now Unix milliseconds
 */
export function traceRules(route: CompiledRoute, origin: string, now: number): readonly RuleTrace[] {
  let decided = false
  return route.corsPolicy.rules.map((rule, index) => {
    const resolved = route.cors[index] as ResolvedRule
    const { position } = resolved
    if (decided) return { index, position, verdict: 'unasked', why: 'an earlier rule decides' }
    const found = findRule([rule], origin, now)
    if (found.rule === undefined) {
      const expired = found.reason === 'origin-expired' ? expiredEntry(route, origin, [rule]) : undefined
      const miss = nearMiss(origin, rule.origins, [], now)
      return {
        index,
        position,
        verdict: 'passes',
        why: expired ? `what would hold it has expired: ${expiredText(expired)}` : whyNot(found.reason),
        ...(expired && { expired }),
        ...(miss && { nearMiss: miss }),
      }
    }
    decided = true
    const entry = entryOf(resolved, found)
    if (entry === undefined) return { index, position, verdict: 'holds', why: '`*` holds every origin' }
    const why = entry.text === origin ? 'it is listed' : `\`${entry.text}\` holds it`
    return { index, position, verdict: 'holds', why, entry }
  })
}

function whyNot(reason: Reason): string {
  return WHY_NOT[reason] ?? reason
}

const WHY_NOT: Readonly<Partial<Record<Reason, string>>> = {
  'origin-not-allowed': 'none of its origins is this one',
  'origin-null': '`null` is not among its origins',
  'origin-malformed': 'no browser sends such an Origin',
}

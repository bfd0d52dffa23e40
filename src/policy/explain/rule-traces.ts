import { findRule } from '../../cors/find-rule.js'
import { type NearMiss, nearMiss } from '../../cors/near-miss.js'
import type { CompiledRoute } from '../compiled-policy.js'
import type { Position } from '../problem.js'
import type { ResolvedRule } from '../resolved-policy.js'

/** What one rule had to say about the origin. */
export interface RuleTrace {
  readonly index: number
  readonly position: Position
  /** `holds`: the first that does, so it decides. `passes`: asked, and not about this origin. `unasked`: after that. */
  readonly verdict: 'holds' | 'passes' | 'unasked'
  readonly why: string
  readonly nearMiss?: NearMiss
  /** The entry that held the origin, where it is written. */
  readonly entry?: { readonly text: string; readonly set?: string; readonly position: Position }
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
      const miss = nearMiss(origin, rule.origins, [], now)
      return {
        index,
        position,
        verdict: 'passes',
        why: WHY_NOT[found.reason] ?? found.reason,
        ...(miss && { nearMiss: miss }),
      }
    }
    decided = true
    if (found.entry === undefined) return { index, position, verdict: 'holds', why: '`*` holds every origin' }
    const entry = locate(resolved, found.entry)
    const why = found.entry.text === origin ? 'it is listed' : `\`${found.entry.text}\` holds it`
    return { index, position, verdict: 'holds', why, ...(entry && { entry }) }
  })
}

function locate(
  rule: ResolvedRule,
  found: { readonly text: string; readonly pattern: unknown },
): RuleTrace['entry'] {
  for (const { name, entries } of rule.origins) {
    const entry = entries.find(({ pattern }) => pattern === found.pattern)
    if (entry !== undefined) {
      return { text: entry.text, ...(name !== undefined && { set: name }), position: entry.position }
    }
  }
  return undefined
}

const WHY_NOT: Readonly<Record<string, string>> = {
  'origin-not-allowed': 'none of its origins is this one',
  'origin-null': '`null` is not among its origins',
  'origin-malformed': 'no browser sends such an Origin',
  'origin-expired': 'the entry that would hold it has expired',
}

import { type Origin, parseOrigin } from './origin.js'
import { isEntry, type OriginEntry, type OriginMatch } from './origin-set.js'
import type { Reason } from './reason.js'
import type { Rule } from './rule.js'

/** The rule that decides for an origin, with the entry that held it; or why none does. */
export type RuleMatch =
  | { readonly rule: Rule; readonly entry: OriginEntry | undefined }
  | { readonly rule: undefined; readonly reason: Reason }

/**
 * The first rule whose allowlist holds the Origin header decides. An expired entry holds nothing any more, but where
 * nothing else does either, the reason says so: whoever reads the log then knows what ran out.
 *
 * @param now Unix milliseconds
 */
export function findRule(rules: readonly Rule[], header: string, now: number): RuleMatch {
  const opaque = header === 'null'
  const origin = opaque ? undefined : parseOrigin(header)
  if (!opaque && origin === undefined) return MALFORMED

  let expired = false
  for (const rule of rules) {
    const match = matchRule(rule, origin, now)
    if (match === ANY) return { rule, entry: undefined }
    if (isEntry(match)) return { rule, entry: match }
    if (match === 'expired') expired = true
  }
  if (expired) return EXPIRED
  return opaque ? OPAQUE : UNLISTED
}

function matchRule(rule: Rule, origin: Origin | undefined, now: number): OriginMatch | typeof ANY {
  if (rule.anyOrigin) return ANY
  let best: OriginMatch
  for (const set of rule.origins) {
    const match = origin === undefined ? set.matchNull(now) : set.match(origin, now)
    if (isEntry(match)) return match
    best ??= match
  }
  return best
}

const ANY = Symbol('any origin')
const MALFORMED: RuleMatch = { rule: undefined, reason: 'origin-malformed' }
const EXPIRED: RuleMatch = { rule: undefined, reason: 'origin-expired' }
const OPAQUE: RuleMatch = { rule: undefined, reason: 'origin-null' }
const UNLISTED: RuleMatch = { rule: undefined, reason: 'origin-not-allowed' }

import { findEntry } from '../../cors/find-rule.js'
import type { OriginPattern } from '../../cors/origins/origin-pattern.js'
import type { Rule } from '../../cors/rule.js'
import type { CompiledRoute } from '../compiled/compiled-policy.js'
import { placeOf } from '../problems/source.js'
import type { ResolvedOrigin, ResolvedRule } from '../resolved/resolved-policy.js'
import { ruleName } from '../resolved/rule-name.js'
import type { LintContext, LintFinding, LintRule } from './lint-rule.js'

/** A rule that never decides, because the rules before it hold every origin that it names. */
export const ruleShadowed: LintRule = {
  code: 'rule-shadowed',
  severity: 'warning',
  title: 'A rule that earlier rules leave nothing to decide',
  *check({ policy, now }) {
    for (const route of policy.routes) {
      for (const [index, rule] of route.cors.entries()) yield* checkRule(route, index, rule, now)
    }
  },
}

function* checkRule(
  route: CompiledRoute,
  index: number,
  rule: ResolvedRule,
  now: LintContext['now'],
): Iterable<LintFinding> {
  const star = route.cors.slice(0, index).findIndex(({ anyOrigin }) => anyOrigin)
  const suggestion = 'put the narrower rule first, or remove this one'
  if (star !== -1) {
    yield {
      at: rule.position,
      message: `${ruleName(route.id, index)} never decides: \`*\` at ${placeOf((route.cors[star] as ResolvedRule).position)} takes every origin`,
      suggestion,
    }
    return
  }
  const earlier = route.cors.slice(0, index)
  if (index === 0 || rule.anyOrigin) return
  const compiled = route.corsPolicy.rules.slice(0, index)
  for (const { entries } of rule.origins) {
    for (const entry of entries) if (!isHeld(entry, compiled, earlier, now)) return
  }
  yield {
    at: rule.position,
    message: `${ruleName(route.id, index)} never decides: earlier rules hold every origin that it names`,
    suggestion,
  }
}

function isHeld(
  entry: ResolvedOrigin,
  compiled: readonly Rule[],
  earlier: readonly ResolvedRule[],
  now: number,
): boolean {
  const { pattern } = entry
  if (pattern.kind === 'wildcard') {
    return earlier.some(({ origins }) =>
      origins.some(({ entries }) =>
        [...entries].some(other => covers(other.pattern, pattern) && outlives(other, entry)),
      ),
    )
  }
  return compiled.some(({ origins }) =>
    origins.some(set => {
      const holds = findEntry([set], entry.text, now)
      return holds !== undefined && outlives(holds, entry)
    }),
  )
}

function covers(wide: OriginPattern, narrow: OriginPattern & { kind: 'wildcard' }): boolean {
  if (wide.kind !== 'wildcard' || wide.scheme !== narrow.scheme) return false
  if (wide.port !== '*' && wide.port !== narrow.port) return false
  if (wide.host === narrow.host) return wide.subdomains === narrow.subdomains
  return wide.subdomains && narrow.host.endsWith(`.${wide.host}`)
}

type Lifetime = { readonly expiresAt?: number | undefined }

function outlives(a: Lifetime, b: Lifetime): boolean {
  return a.expiresAt === undefined || (b.expiresAt !== undefined && a.expiresAt >= b.expiresAt)
}

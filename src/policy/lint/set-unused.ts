import type { LintRule } from './lint-rule.js'

/** A named origin set that no rule names. */
export const setUnused: LintRule = {
  code: 'set-unused',
  severity: 'warning',
  title: 'An origin set that no rule names',
  *check({ policy: { resolved } }) {
    const used = new Set(resolved.routes.flatMap(({ cors }) => cors.flatMap(({ origins }) => origins)))
    for (const set of resolved.originSets.values()) {
      if (used.has(set)) continue
      yield {
        at: set.position,
        message: `no rule names the origin set \`${set.name}\``,
        suggestion: 'remove it, or name it in `allowOrigins`',
      }
    }
  },
}

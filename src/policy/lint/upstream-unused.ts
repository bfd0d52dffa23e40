import type { LintRule } from './lint-rule.js'

/** An upstream that no route goes to. */
export const upstreamUnused: LintRule = {
  code: 'upstream-unused',
  severity: 'warning',
  title: 'An upstream that no route goes to',
  *check({ policy: { resolved } }) {
    const used = new Set(resolved.routes.map(({ upstream }) => upstream))
    for (const upstream of resolved.upstreams.values()) {
      if (used.has(upstream)) continue
      yield {
        at: upstream.position,
        message: `no route goes to the upstream \`${upstream.name}\``,
        suggestion: 'remove it, or name it in a route',
      }
    }
  },
}

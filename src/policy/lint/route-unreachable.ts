import { witnessesOf } from '../routes/route-witness.js'
import type { LintRule } from './lint-rule.js'

/** A route whose every request goes to a more specific one. */
export const routeUnreachable: LintRule = {
  code: 'route-unreachable',
  severity: 'warning',
  title: 'A route that no request can reach',
  *check({ policy }) {
    const depth = Math.max(0, ...policy.routes.map(({ segments }) => segments.length))
    for (const route of policy.routes) {
      let isReached = false
      for (const { host, segments } of witnessesOf(route, depth)) {
        isReached = policy.table.find(host, segments).route === route
        if (isReached) break
      }
      if (isReached) continue
      yield {
        at: route.fields.get('path') ?? route.position,
        message: `no request reaches the route \`${route.id}\`: more specific routes take them all`,
        suggestion: 'remove it, or one of those that hide it',
      }
    }
  },
}

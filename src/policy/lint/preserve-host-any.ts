import type { LintRule } from './lint-rule.js'

/** A route by which clients choose the Host that an upstream gets. */
export const preserveHostAny: LintRule = {
  code: 'preserve-host-any',
  severity: 'warning',
  title: 'preserveHost behind a route for any host',
  *check({ policy }) {
    for (const { id, hosts, upstream, fields, position } of policy.resolved.routes) {
      if (!upstream.preserveHost || hosts.length > 0) continue
      yield {
        at: fields.get('upstream') ?? position,
        message: `clients choose the Host that \`${upstream.name}\` gets by the route \`${id}\`: links and caches that are made from it are theirs`,
        suggestion: 'name the `hosts` that are served',
      }
    }
  },
}

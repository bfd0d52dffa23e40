import type { LintRule } from './lint-rule.js'

/** The path `/`, which elsewhere often means everything. */
export const pathRootOnly: LintRule = {
  code: 'path-root-only',
  severity: 'info',
  title: 'The path / alone',
  *check({ policy }) {
    const { routes } = policy.resolved
    if (routes.some(({ path }) => path === '/**')) return
    for (const { id, path, fields, position } of routes) {
      if (path !== '/') continue
      yield {
        at: fields.get('path') ?? position,
        message: `the route \`${id}\` holds \`/\` and no other path`,
        suggestion: 'write `/**` if everything is meant',
      }
    }
  },
}

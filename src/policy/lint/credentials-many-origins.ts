import { ruleName } from '../resolved/rule-name.js'
import type { LintRule } from './lint-rule.js'

/** A rule that lets many origins act as their visitors. */
export const credentialsManyOrigins: LintRule = {
  code: 'credentials-many-origins',
  severity: 'warning',
  title: 'Credentials for many origins',
  *check({ policy, maxCredentialedOrigins }) {
    for (const { id, cors } of policy.resolved.routes) {
      for (const [index, { allowCredentials, origins, fields, position }] of cors.entries()) {
        const count = origins.reduce((sum, { entries }) => sum + entries.length, 0)
        if (!allowCredentials || count <= maxCredentialedOrigins) continue
        yield {
          at: fields.get('allowCredentials') ?? position,
          message: `${ruleName(id, index)} gives credentials to ${count} origins: one of them taken over is enough`,
          suggestion: `give those that need no cookies a rule of their own; up to ${maxCredentialedOrigins} are fine`,
        }
      }
    }
  },
}

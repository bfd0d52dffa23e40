import { ruleName } from '../resolved/rule-name.js'
import type { LintRule } from './lint-rule.js'

/** OPTIONS in allowMethods, which preflights do not need. */
export const allowOptions: LintRule = {
  code: 'allow-options',
  severity: 'info',
  title: 'OPTIONS among allowMethods',
  *check({ policy }) {
    for (const { id, cors } of policy.resolved.routes) {
      for (const [index, { allowMethods, fields, position }] of cors.entries()) {
        if (!allowMethods.includes('OPTIONS')) continue
        yield {
          at: fields.get('allowMethods') ?? position,
          message: `${ruleName(id, index)} lets scripts send OPTIONS themselves; preflights are answered without it`,
          suggestion: 'remove OPTIONS, unless scripts call it by name',
        }
      }
    }
  },
}

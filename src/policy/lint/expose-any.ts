import { ruleName } from '../resolved/rule-name.js'
import type { LintRule } from './lint-rule.js'

/** A rule that lets pages read every response header. */
export const exposeAny: LintRule = {
  code: 'expose-any',
  severity: 'info',
  title: 'exposeHeaders: ["*"]',
  *check({ policy }) {
    for (const { id, cors } of policy.resolved.routes) {
      for (const [index, rule] of cors.entries()) {
        if (!rule.exposeAny) continue
        yield {
          at: rule.fields.get('exposeHeaders') ?? rule.position,
          message: `${ruleName(id, index)} lets pages read every response header, those that the API adds tomorrow included`,
          suggestion: 'list the headers that pages need',
        }
      }
    }
  },
}

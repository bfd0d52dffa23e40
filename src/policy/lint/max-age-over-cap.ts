import { MAX_AGE_CAPS } from '../../cors/browser/max-age-caps.js'
import { ruleName } from '../resolved/rule-name.js'
import type { LintRule } from './lint-rule.js'

/** A rule whose maxAge browsers will not honour. */
export const maxAgeOverCap: LintRule = {
  code: 'max-age-over-cap',
  severity: 'info',
  title: 'A maxAge above what Chromium keeps (2 h)',
  *check({ policy }) {
    for (const { id, cors } of policy.resolved.routes) {
      for (const [index, { maxAge, fields, position }] of cors.entries()) {
        if (maxAge === undefined || maxAge <= MAX_AGE_CAPS.Chromium) continue
        yield {
          at: fields.get('maxAge') ?? position,
          message: `${ruleName(id, index)} asks for ${maxAge} s, and Chromium keeps a preflight answer for ${MAX_AGE_CAPS.Chromium} s at most; in Firefox a change may take 24 h to arrive`,
          suggestion: 'write 2h or less',
        }
      }
    }
  },
}

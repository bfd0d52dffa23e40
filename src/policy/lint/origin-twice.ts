import { originSetsOf } from '../resolved/origin-sets.js'
import type { ResolvedOrigin } from '../resolved/resolved-policy.js'
import type { LintRule } from './lint-rule.js'

/** An origin that one list has twice: a change of one of them then does nothing. */
export const originTwice: LintRule = {
  code: 'origin-twice',
  severity: 'info',
  title: 'An origin twice in one list',
  *check({ policy }) {
    for (const { entries } of originSetsOf(policy.resolved)) {
      const seen = new Set<string>()
      for (let index = 0; index < entries.length; index++) {
        const text = entries.textAt(index)
        if (!seen.has(text)) {
          seen.add(text)
          continue
        }
        yield {
          at: (entries.at(index) as ResolvedOrigin).position,
          message: `\`${text}\` stands in this list before`,
          suggestion: 'remove one of the two',
        }
      }
    }
  },
}

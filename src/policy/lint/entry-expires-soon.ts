import { eachOrigin } from '../resolved/origin-sets.js'
import { DAY_MILLISECONDS } from '../schema/day.js'
import type { LintRule } from './lint-rule.js'

/** An entry that will be denied within a month. */
export const entryExpiresSoon: LintRule = {
  code: 'entry-expires-soon',
  severity: 'warning',
  title: 'An entry that expires within 30 days',
  *check({ policy, now }) {
    for (const { text, expiresAt, owner, position } of eachOrigin(policy.resolved)) {
      if (expiresAt === undefined || now >= expiresAt || expiresAt - now > SOON) continue
      const days = Math.ceil((expiresAt - now) / DAY_MILLISECONDS)
      const by = owner === undefined ? '' : ` (owner: ${owner})`
      yield {
        at: position,
        message: `\`${text}\`${by} will be denied in ${days} ${days === 1 ? 'day' : 'days'}`,
        suggestion: 'ask its owner: a new last day, or remove it',
      }
    }
  },
}

/** In milliseconds. */
const SOON = 30 * DAY_MILLISECONDS

import { eachOrigin } from '../resolved/origin-sets.js'
import type { LintRule } from './lint-rule.js'

/** An entry whose last day is over. */
export const entryExpired: LintRule = {
  code: 'entry-expired',
  severity: 'warning',
  title: 'An entry whose last day is over',
  *check({ policy, now }) {
    for (const { text, expiresAt, owner, position } of eachOrigin(policy.resolved)) {
      if (expiresAt === undefined || now < expiresAt) continue
      const by = owner === undefined ? '' : ` (owner: ${owner})`
      yield {
        at: position,
        message: `\`${text}\`${by} is denied since ${new Date(expiresAt).toISOString().slice(0, 10)}`,
        suggestion: 'remove the entry, or give it a new last day',
      }
    }
  },
}

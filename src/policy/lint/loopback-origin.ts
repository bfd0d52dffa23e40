import { isLoopbackHost } from '../../cors/origins/host-kind.js'
import { eachOrigin } from '../resolved/origin-sets.js'
import type { LintRule } from './lint-rule.js'

/** An origin on the visitor's own machine. */
export const loopbackOrigin: LintRule = {
  code: 'loopback-origin',
  severity: 'info',
  title: 'A loopback origin',
  *check({ policy }) {
    for (const { text, pattern, position } of eachOrigin(policy.resolved)) {
      if (!('host' in pattern) || !isLoopbackHost(pattern.host)) continue
      yield {
        at: position,
        message: `\`${text}\` is whatever runs on the visitor's own machine: good for development, seldom for production`,
        suggestion: 'keep it in a policy for development',
      }
    }
  },
}

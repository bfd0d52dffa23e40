import { isAddressHost, isLoopbackHost } from '../../cors/origins/host-kind.js'
import { eachOrigin } from '../resolved/origin-sets.js'
import type { LintRule } from './lint-rule.js'

/** An origin that is an address and not a name. */
export const addressOrigin: LintRule = {
  code: 'address-origin',
  severity: 'warning',
  title: 'An IP address as origin',
  *check({ policy }) {
    for (const { text, pattern, position } of eachOrigin(policy.resolved)) {
      if (!('host' in pattern) || !isAddressHost(pattern.host) || isLoopbackHost(pattern.host)) continue
      yield {
        at: position,
        message: `\`${text}\` names an address: it is whoever has that address tomorrow`,
        suggestion: 'give the page a host name and allow that',
      }
    }
  },
}

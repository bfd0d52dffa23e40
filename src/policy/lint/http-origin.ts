import { isAddressHost, isLoopbackHost } from '../../cors/origins/host-kind.js'
import { eachOrigin } from '../resolved/origin-sets.js'
import type { LintRule } from './lint-rule.js'

/** An origin that is loaded without TLS. */
export const httpOrigin: LintRule = {
  code: 'http-origin',
  severity: 'warning',
  title: 'An http:// origin',
  *check({ policy }) {
    for (const { text, pattern, position } of eachOrigin(policy.resolved)) {
      if (!('scheme' in pattern) || pattern.scheme !== 'http' || isLoopbackHost(pattern.host)) continue
      yield {
        at: position,
        message: `\`${text}\` is loaded without TLS: whoever is on its visitors' network can run scripts in it`,
        suggestion: isAddressHost(pattern.host)
          ? 'serve it over https, from a name'
          : `serve it over https and write \`${text.replace('http:', 'https:')}\``,
      }
    }
  },
}

import { isPlayground } from '../../attack/shared-hosting.js'
import { isPublicSuffix, suffixNoun } from '../resolve/public-suffix.js'
import { eachOrigin } from '../resolved/origin-sets.js'
import type { LintRule } from './lint-rule.js'

/** An origin that is nobody's own: a playground, or a public suffix itself. */
export const sharedHost: LintRule = {
  code: 'shared-host',
  severity: 'warning',
  title: 'An origin that strangers share',
  *check({ policy }) {
    for (const { text, pattern, position } of eachOrigin(policy.resolved)) {
      if (!('host' in pattern) || (pattern.kind === 'wildcard' && pattern.subdomains)) continue
      const what = whatIs(pattern.host)
      if (what === undefined) continue
      yield {
        at: position,
        message: `\`${text}\` is ${what}`,
        suggestion: 'name an origin that is yours alone',
      }
    }
  },
}

function whatIs(host: string): string | undefined {
  if (isPlayground(host)) return 'a playground: whatever page anyone publishes there has this origin'
  // A single label is a host of one's own network, whatever the list says of names that it does not know.
  if (!host.includes('.') || !isPublicSuffix(host)) return undefined
  return `${suffixNoun(host)}: the names below it are different people's, and what is there is its operator's`
}

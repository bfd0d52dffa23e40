import type { Position } from '../problems/problem.js'
import type { ResolvedOriginSet } from '../resolved/resolved-policy.js'
import { ruleName } from '../resolved/rule-name.js'
import type { LintRule } from './lint-rule.js'

/** A rule that lets every subdomain act as its visitors. */
export const wildcardWithCredentials: LintRule = {
  code: 'wildcard-with-credentials',
  severity: 'warning',
  title: 'A subdomain wildcard with credentials',
  *check({ policy }) {
    const known = new Map<ResolvedOriginSet, readonly Wildcard[]>()
    for (const { id, cors } of policy.resolved.routes) {
      for (const [index, rule] of cors.entries()) {
        if (!rule.allowCredentials) continue
        const wildcards = rule.origins.flatMap(set => {
          const found = known.get(set) ?? wildcardsOf(set)
          known.set(set, found)
          return found
        })
        const [first] = wildcards
        if (first === undefined) continue
        const others = wildcards.length === 1 ? '' : ` and ${wildcards.length - 1} more`
        yield {
          // A set is no fault by itself: what this rule says of it is.
          at: first.inline ?? rule.fields.get('allowOrigins') ?? rule.position,
          message: `${ruleName(id, index)} gives \`${first.text}\`${others} credentials: any subdomain, a forgotten one included, can act as its visitors`,
          suggestion: 'name the subdomains, or give the wildcard a rule without credentials',
        }
      }
    }
  },
}

interface Wildcard {
  readonly text: string
  /** Where it stands, in the rule itself and not in a named set. */
  readonly inline: Position | undefined
}

function wildcardsOf({ name, entries }: ResolvedOriginSet): readonly Wildcard[] {
  return [...entries]
    .filter(({ pattern }) => pattern.kind === 'wildcard' && pattern.subdomains)
    .map(({ text, position }) => ({ text, inline: name === undefined ? position : undefined }))
}

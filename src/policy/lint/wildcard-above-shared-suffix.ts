import { eachOrigin } from '../resolved/origin-sets.js'
import type { LintRule } from './lint-rule.js'
import { SHARED_SUFFIX_PARENTS } from './shared-suffix-parents.js'

/** A wildcard that spans names which anyone can register, although the one right below it is the provider's. */
export const wildcardAboveSharedSuffix: LintRule = {
  code: 'wildcard-above-shared-suffix',
  severity: 'warning',
  title: 'A wildcard above a shared suffix',
  *check({ policy }) {
    let parents: ReadonlyMap<string, string> | undefined
    for (const { pattern, text, position } of eachOrigin(policy.resolved)) {
      if (pattern.kind !== 'wildcard' || !pattern.subdomains) continue
      parents ??= readParents()
      const below = parents.get(pattern.host)
      if (below === undefined) continue
      yield {
        at: position,
        message: `\`${text}\` also holds names below \`${below}.${pattern.host}\`, where anyone can register one`,
        suggestion: 'name the subdomains that are yours',
      }
    }
  },
}

function readParents(): ReadonlyMap<string, string> {
  const words = SHARED_SUFFIX_PARENTS.trim().split(/\s+/)
  return new Map(words.map(word => word.split('>') as [parent: string, below: string]))
}

import type { LintRule } from './lint-rule.js'

/** A wildcard below which anyone can get a name, shown by an origin that an attacker would use. */
export const attackSharedSuffix: LintRule = {
  code: 'attack-shared-suffix',
  severity: 'warning',
  title: 'A wildcard that lets strangers in',
  *check({ attack }) {
    const shown = new Set<unknown>()
    for (const { crafted, target, by, why } of attack.admissions) {
      // Every such wildcard lets in what was crafted for itself.
      if (why !== 'shared-suffix' || target !== by || shown.has(by)) continue
      shown.add(by)
      yield {
        at: by.position,
        message: `\`${crafted.origin}\` is let in by \`${by.text}\`, and anyone can register such a name`,
        suggestion: 'name the subdomains that are yours',
      }
    }
  },
}

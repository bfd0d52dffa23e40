import { placeOf } from '../problems/source.js'
import type { LintRule } from './lint-rule.js'

/** A wildcard below which anyone can get a name, shown by an origin that an attacker would use. */
export const attackSharedSuffix: LintRule = {
  code: 'attack-shared-suffix',
  severity: 'warning',
  title: 'A wildcard that lets strangers in',
  *check({ attack }) {
    // By place: an entry is another object each time it is looked at.
    const shown = new Set<string>()
    for (const { crafted, target, by, why } of attack.admissions) {
      const place = placeOf(by.position)
      // Every such wildcard lets in what was crafted for itself.
      if (why !== 'shared-suffix' || placeOf(target.position) !== place || shown.has(place)) continue
      shown.add(place)
      yield {
        at: by.position,
        message: `\`${crafted.origin}\` is let in by \`${by.text}\`, and anyone can register such a name`,
        suggestion: 'name the subdomains that are yours',
      }
    }
  },
}

import type { LintRule } from './lint-rule.js'

/** A crafted origin that gets in although no entry means it: a fault of Crossgate itself. */
export const attackAdmitted: LintRule = {
  code: 'attack-admitted',
  severity: 'error',
  title: 'A crafted origin that gets in although no entry means it',
  *check({ attack }) {
    for (const { crafted, target, by, why } of attack.admissions) {
      if (why !== 'unmeant') continue
      yield {
        at: by.position,
        message: `\`${crafted.origin}\` (${crafted.class}), made to pass for \`${target.text}\`, is let in by \`${by.text}\``,
        suggestion: 'do not serve this policy; please report it, it is a fault of Crossgate',
      }
    }
  },
}

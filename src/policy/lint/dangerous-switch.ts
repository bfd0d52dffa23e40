import { ruleName } from '../resolved/rule-name.js'
import type { LintRule } from './lint-rule.js'

/** A `dangerously…` switch in use. */
export const dangerousSwitch: LintRule = {
  code: 'dangerous-switch',
  severity: 'warning',
  title: 'A dangerously… switch in use',
  *check({ policy: { resolved } }) {
    for (const { id, cors } of resolved.routes) {
      for (const [index, { dangerous, fields, position }] of cors.entries()) {
        for (const name of dangerous) {
          yield {
            at: fields.get(name) ?? position,
            message: `${ruleName(id, index)} uses \`${name}\``,
            suggestion: '`crossgate schema routes.cors` says what it costs; remove it as soon as you can',
          }
        }
      }
    }
    for (const { name, tls, position } of resolved.upstreams.values()) {
      if (!tls.dangerouslySkipVerify) continue
      yield {
        at: position,
        message: `the upstream \`${name}\` uses \`dangerouslySkipVerify\`: anyone on the way can read and change everything`,
        suggestion: 'name its CA in `tls.ca`',
      }
    }
  },
}

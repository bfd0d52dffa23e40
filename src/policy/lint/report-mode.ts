import type { LintRule } from './lint-rule.js'

/** A route whose policy is written down and not in force. */
export const reportMode: LintRule = {
  code: 'report-mode',
  severity: 'warning',
  title: 'mode: report left on',
  *check({ policy }) {
    for (const { id, mode, fields, position } of policy.resolved.routes) {
      if (mode !== 'report') continue
      yield {
        at: fields.get('mode') ?? position,
        message: `the route \`${id}\` only reports: what it denies still passes, with whatever the upstream says about CORS`,
        suggestion: 'write `mode: enforce` once its denials are the right ones',
      }
    }
  },
}

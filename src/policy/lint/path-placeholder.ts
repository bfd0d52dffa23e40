import type { LintRule } from './lint-rule.js'

/** A segment that other tools read as a parameter, and that is literal text here. */
export const pathPlaceholder: LintRule = {
  code: 'path-placeholder',
  severity: 'warning',
  title: 'A path parameter as other tools write it',
  *check({ policy }) {
    for (const { id, segments, fields, position } of policy.resolved.routes) {
      for (const segment of segments) {
        if (segment.kind !== 'literal' || !PLACEHOLDER.test(segment.text)) continue
        yield {
          at: fields.get('path') ?? position,
          message: `\`${segment.text}\` in the path of the route \`${id}\` is literal text: only requests with these very characters are held`,
          suggestion: 'write `*` for one segment, or a final `**` for everything below',
        }
      }
    }
  },
}

// `:id`, `{id}`, `{id:[0-9]+}`, `file-{name}.json`, `<int:id>`; but not `v1:cancel`.
const PLACEHOLDER = /^:[A-Za-z_]|\{[^{}]*\}|^<[^<>]+>$/

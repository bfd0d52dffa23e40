import type { PathSegment, ResolvedRoute } from '../resolved/resolved-policy.js'
import { literalKey } from '../routes/route-table.js'
import type { LintRule } from './lint-rule.js'

/** A final `*`, which elsewhere often means everything below. */
export const pathOneSegment: LintRule = {
  code: 'path-one-segment',
  severity: 'info',
  title: 'A final * that holds one segment only',
  *check({ policy }) {
    const { routes } = policy.resolved
    const stems = new Set(routes.flatMap(stemsOf))
    for (const { id, path, segments, fields, position } of routes) {
      // A route beside it for what is longer says that one segment is meant.
      if (segments.at(-1)?.kind !== 'one' || stems.has(keyOf(segments.slice(0, -1)))) continue
      const stem = path.slice(0, -2)
      yield {
        at: fields.get('path') ?? position,
        message: `\`${path}\` of the route \`${id}\` holds \`${stem}/x\`, and neither \`${stem || '/'}\` nor \`${stem}/x/y\``,
        suggestion: `write \`${stem}/**\` if everything below is meant`,
      }
    }
  },
}

/** The beginnings of the path behind which it goes on with `**`, or with `*` and more. */
function stemsOf({ segments }: ResolvedRoute): readonly string[] {
  return segments.flatMap(({ kind }, index) =>
    kind === 'rest' || (kind === 'one' && index < segments.length - 1)
      ? [keyOf(segments.slice(0, index))]
      : [],
  )
}

function keyOf(segments: readonly PathSegment[]): string {
  return segments
    .map(segment => (segment.kind === 'literal' ? `/=${literalKey(segment.text)}` : `/${segment.kind}`))
    .join('')
}

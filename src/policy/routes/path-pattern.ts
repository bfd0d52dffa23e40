import type { YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import type { PathSegment } from '../resolved/resolved-policy.js'
import { isCanonicalPath } from './canonical-path.js'

/**
 * Reads a route's path: literal segments, `*` for one, a final `**` for this path and all below it. A path is cut
 * as requests are, so `/a/` ends with an empty literal and `/` is nothing else.
 */
export function resolvePathPattern(
  node: YamlNode,
  path: string,
  problems: ProblemList,
): readonly PathSegment[] | undefined {
  if (!isCanonicalPath({ node, before: '', path }, problems)) return undefined
  const parts = path.slice(1).split('/')
  for (const [index, part] of parts.entries()) {
    const isMisplaced = part === '**' && index < parts.length - 1
    if (!part.includes('*') || part === '*' || (part === '**' && !isMisplaced)) continue
    const message = isMisplaced
      ? '`**` stands only at the end of a path'
      : '`*` stands only for a whole segment'
    problems.error('path-wildcard', node, message, {
      suggestion: 'use `*` for one whole segment, a final `**` for everything below; a literal star is `%2A`',
    })
    return undefined
  }
  return parts.map(segmentOf)
}

function segmentOf(text: string): PathSegment {
  if (text === '*') return { kind: 'one' }
  return text === '**' ? { kind: 'rest' } : { kind: 'literal', text }
}

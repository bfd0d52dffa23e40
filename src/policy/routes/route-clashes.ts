import { childOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import { placeOf } from '../problems/source.js'
import type { PathSegment, ResolvedRoute } from '../resolved/resolved-policy.js'
import type { AuthoredRoute } from '../schema/schema.js'
import { literalKey } from './route-table.js'

/** A route with the node that it came from. */
export interface LocatedRoute {
  readonly node: YamlNode
  readonly route: ResolvedRoute
}

/** Refuses two routes of one name, and two that match the same requests: neither would be more specific. */
export function checkRouteClashes(routes: readonly LocatedRoute[], problems: ProblemList): void {
  const byId = new Map<string, LocatedRoute>()
  const byPattern = new Map<string, LocatedRoute>()
  for (const located of routes) {
    checkId(located, byId, problems)
    checkPattern(located, byPattern, problems)
  }
}

function checkId(
  { node, route }: LocatedRoute,
  byId: Map<string, LocatedRoute>,
  problems: ProblemList,
): void {
  const before = byId.get(route.id)
  byId.set(route.id, before ?? { node, route })
  if (before === undefined) return
  const at = placeOf(fieldAt(before.node, 'id'))
  problems.error(
    'duplicate-route',
    fieldAt(node, 'id'),
    `the route \`${route.id}\` is already defined at ${at}`,
    {
      suggestion: 'give each route an id of its own',
    },
  )
}

function checkPattern(
  { node, route }: LocatedRoute,
  byPattern: Map<string, LocatedRoute>,
  problems: ProblemList,
): void {
  const path = route.segments.map(segmentKey).join('/')
  const hosts = route.hosts.length === 0 ? [ANY_HOST] : route.hosts.map(({ kind, name }) => `${kind} ${name}`)
  for (const host of hosts) {
    const key = `${host} ${path}`
    const before = byPattern.get(key)
    if (before === undefined) {
      byPattern.set(key, { node, route })
      continue
    }
    const at = placeOf(fieldAt(before.node, 'path'))
    problems.error(
      'route-clash',
      fieldAt(node, 'path'),
      `this path matches the same requests as the route \`${before.route.id}\` at ${at}`,
      {
        suggestion: 'remove one of the two, or give them different hosts or paths',
      },
    )
    return
  }
}

function fieldAt(node: YamlNode, name: keyof AuthoredRoute): YamlNode {
  return childOf<AuthoredRoute>(node, name) as YamlNode
}

// By what requests are compared with; the equals sign keeps the literal `%2A` from the wildcard.
function segmentKey(segment: PathSegment): string {
  if (segment.kind === 'one') return '*'
  return segment.kind === 'rest' ? '**' : `=${literalKey(segment.text)}`
}

const ANY_HOST = 'any'

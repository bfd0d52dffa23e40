import { parseFile } from '../parse/parse.js'
import { checkShape } from '../parse/shape.js'
import { childOf, fieldsOf, itemsOf, type MapNode } from '../parse/yaml-tree.js'
import type { Problem } from '../problems/problem.js'
import { ProblemList } from '../problems/problem-list.js'
import type { SourceFile } from '../problems/source.js'
import { OriginTable } from '../resolved/origin-table.js'
import type { ResolvedPolicy } from '../resolved/resolved-policy.js'
import { checkRouteClashes, type LocatedRoute } from '../routes/route-clashes.js'
import { POLICY_FILE } from '../schema/file-kind.js'
import type { AuthoredPolicy } from '../schema/schema.js'
import { checkUnusedSet } from './check-origins.js'
import { mergeFiles } from './merge.js'
import { HazardIndex } from './origin-hazards.js'
import { resolveOriginSets } from './resolve-origin-sets.js'
import { resolvePublicOrigins } from './resolve-public-origins.js'
import { resolveRoute } from './resolve-route.js'
import { resolveUpstreams } from './resolve-upstream.js'

/** A policy that can be compiled, perhaps with warnings; or none, and every reason why. Sorted by place. */
export type PolicyResult =
  | { readonly policy: ResolvedPolicy; readonly problems: readonly Problem[] }
  | { readonly policy: undefined; readonly problems: readonly Problem[] }

/**
 * Reads a policy from the text of its files: parse each, merge, hold the result against the schema, resolve names
 * and defaults, and refuse. Nothing is repaired on the way. Problems never stop the search for more, unless a file
 * is not YAML: half a policy would only produce false alarms.
 */
export function resolvePolicy(files: readonly SourceFile[]): PolicyResult {
  const problems = new ProblemList()
  const roots = parseFiles(files, problems)
  const policy = roots && resolveMerged(mergeFiles(roots, problems), problems)
  return { policy: problems.hasErrors ? undefined : policy, problems: problems.sorted() }
}

function parseFiles(files: readonly SourceFile[], problems: ProblemList): readonly MapNode[] | undefined {
  if (files.length === 0) {
    const nowhere = { file: '', line: 1, column: 1, endColumn: 2 }
    problems.error('no-policy-file', nowhere, 'there is no policy file to read')
    return undefined
  }
  const roots = files.map(file => parseFile(file, POLICY_FILE, problems))
  return roots.every(root => root !== undefined) ? roots : undefined
}

function resolveMerged(merged: MapNode, problems: ProblemList): ResolvedPolicy {
  const root = checkShape(merged, POLICY_FILE, problems)
  const get = (name: keyof AuthoredPolicy) => childOf<AuthoredPolicy>(root, name)

  const table = new OriginTable()
  const upstreams = resolveUpstreams(get('upstreams'), problems)
  const originSets = resolveOriginSets(get('origins'), table, problems)
  const publicOrigins = resolvePublicOrigins(get('publicOrigins'), problems)
  const hazards = new HazardIndex()
  const context = {
    upstreams,
    upstreamNames: new Set(Array.from(fieldsOf(get('upstreams')), ([name]) => name)),
    sets: originSets,
    table,
    hazards,
    defaults: get('defaults'),
    problems,
  }
  const routes: LocatedRoute[] = []
  for (const node of itemsOf(get('routes'))) {
    const route = resolveRoute(node, context)
    if (route !== undefined) routes.push({ node, route })
  }
  checkRouteClashes(routes, problems)
  for (const set of originSets.values()) {
    if (!hazards.has(set)) checkUnusedSet(hazards.of(set), problems)
  }
  table.seal()
  return { upstreams, originSets, origins: table, routes: routes.map(({ route }) => route), publicOrigins }
}

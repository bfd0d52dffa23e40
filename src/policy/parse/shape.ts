import type { z } from 'zod'
import type { ProblemList } from '../problems/problem-list.js'
import type { Span } from '../problems/source.js'
import type { FileKind } from '../schema/file-kind.js'
import { renameKey } from './rename-key.js'
import { describeIssue, type Place, type ShapeProblem, unknownKey } from './shape-problem.js'
import { type Field, itemsOf, type MapNode, toPlain, type YamlNode } from './yaml-tree.js'

/**
 * Holds the tree against the schema: every unknown, missing or mistyped part becomes a problem at its place.
 *
 * @returns the tree to look for more problems in: a misspelt key is reported once and stands there under the name that
 *   was meant, so that what is in it is checked too and nobody hears that the key is missing.
 */
export function checkShape(root: MapNode, kind: FileKind, problems: ProblemList): MapNode {
  // A run is texts after a text, and no schema tells one text of a list from another: where the first ones are right,
  // all are. What is wrong is found in the whole.
  if (kind.schema.safeParse(toPlain(root, false)).success) return root
  const result = kind.schema.safeParse(toPlain(root))
  if (result.success) return root
  const issues = result.error.issues.flatMap(relevantIssues)
  const respelt = respell(root, issues, kind, problems)
  if (respelt !== root) return checkShape(respelt, kind, problems)
  for (const issue of issues) {
    const place = locate(root, issue.path)
    if (place.node?.kind === 'broken') continue
    for (const problem of describeIssue(issue, place, kind)) report(problem, problems)
  }
  return root
}

function respell(
  root: MapNode,
  issues: readonly z.core.$ZodIssue[],
  kind: FileKind,
  problems: ProblemList,
): MapNode {
  let tree = root
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const name of issue.keys) {
      const { problem, meant } = unknownKey(name, locate(tree, issue.path), kind)
      if (meant === undefined) continue
      report(problem, problems)
      tree = renameKey(tree, issue.path, name, meant)
    }
  }
  return tree
}

function report({ code, at, message, remedy }: ShapeProblem, problems: ProblemList): void {
  problems.error(code, at, message, remedy)
}

// A union fails with one list of issues per branch, and only those of the branch for what was written are of
// interest. The issue itself remains where no branch takes such a value at all.
function relevantIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const fitting = issue.errors.filter(branch => !branch.some(isWrongKind))
  if (fitting.length === 0) return [issue]
  return fitting.flat().flatMap(inner => relevantIssues({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isWrongKind(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0
}

function locate(root: YamlNode, path: readonly PropertyKey[]): Place {
  let node: YamlNode | undefined = root
  let key: Span | undefined
  let parent = firstOf(root)
  for (const step of path) {
    if (node === undefined) break
    parent = key ?? firstOf(node)
    const field: Field | undefined = node.kind === 'map' ? node.fields.get(String(step)) : undefined
    key = field?.key
    node = node.kind === 'list' ? itemsOf(node)[Number(step)] : field?.value
  }
  return { path, node, key, parent }
}

/** The first key of a map that has no key of its own, being an item of a list; else where the node begins. */
function firstOf(node: YamlNode): Span {
  const [first] = node.kind === 'map' ? node.fields.values() : []
  return first?.key ?? { ...node, end: node.start + 1 }
}

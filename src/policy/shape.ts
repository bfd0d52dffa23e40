import type { z } from 'zod'
import type { FileKind } from './file-kind.js'
import type { ProblemList } from './problem-list.js'
import { describeIssue, type Place } from './shape-problem.js'
import type { Span } from './source.js'
import { type Field, toPlain, type YamlNode } from './yaml-tree.js'

/** Holds the tree against the schema: every unknown, missing or mistyped part becomes a problem at its place. */
export function checkShape(root: YamlNode, kind: FileKind, problems: ProblemList): void {
  const result = kind.schema.safeParse(toPlain(root))
  if (result.success) return
  for (const issue of result.error.issues.flatMap(relevantIssues)) {
    const place = locate(root, issue.path)
    if (place.node?.kind === 'broken') continue
    for (const { code, at, message, remedy } of describeIssue(issue, place, kind)) {
      problems.error(code, at, message, remedy)
    }
  }
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
    node = node.kind === 'list' ? node.items[Number(step)] : field?.value
  }
  return { path, node, key, parent }
}

/** The first key of a map that has no key of its own, being an item of a list; else where the node begins. */
function firstOf(node: YamlNode): Span {
  const [first] = node.kind === 'map' ? node.fields.values() : []
  return first?.key ?? { ...node, end: node.start + 1 }
}

import { fieldsOf, itemsOf, partsOf, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import { positionOf } from '../problems/source.js'
import { OriginEntries, type OriginTable } from '../resolved/origin-table.js'
import type { ResolvedOrigin, ResolvedOriginSet } from '../resolved/resolved-policy.js'
import { originNodeOf, resolveOrigin } from './resolve-origin.js'
import { resolveRun } from './resolve-run.js'

/** Resolves the named origin sets. An entry with a problem is left out of its set; the policy does not load then. */
export function resolveOriginSets(
  origins: YamlNode | undefined,
  table: OriginTable,
  problems: ProblemList,
): ReadonlyMap<string, ResolvedOriginSet> {
  const sets = new Map<string, ResolvedOriginSet>()
  const names = new Set<string>()
  for (const [name] of fieldsOf(origins)) names.add(name)

  // The name of a set cannot look like an origin; where one does, its use in a set is told too.
  const isNamed = [...names].some(name => name.includes('://'))

  for (const [name, { key, value }] of fieldsOf(origins)) {
    const first = table.texts.length
    for (const part of isNamed ? itemsOf(value) : partsOf(value)) {
      if (part.kind === 'run') resolveRun(part, table, problems)
      else {
        const entry = resolveEntry(part, names, problems)
        if (entry !== undefined) table.add(entry)
      }
    }
    const entries = new OriginEntries(table, first, value.source.file)
    sets.set(name, { name, entries, position: positionOf(key) })
  }
  return sets
}

function resolveEntry(
  node: YamlNode,
  names: ReadonlySet<string>,
  problems: ProblemList,
): ResolvedOrigin | undefined {
  const at = originNodeOf(node) ?? node
  const text = textOf(at)
  if (text !== undefined && names.has(text)) {
    problems.error('nested-set', at, `\`${text}\` is a set, and a set holds only origins`, {
      suggestion: "name both sets in the rule's `allowOrigins`",
    })
    return undefined
  }
  const entry = resolveOrigin(node, problems)
  if (entry?.pattern.kind !== 'any') return entry
  problems.error('any-origin-in-set', at, '`*` is everyone, which a named set would hide', {
    suggestion: 'name the origins, or give public data a rule of its own with `allowOrigins: ["*"]`',
  })
  return undefined
}

import type { ProblemList } from './problem-list.js'
import { originNodeOf, resolveOrigin } from './resolve-origin.js'
import type { ResolvedOrigin, ResolvedOriginSet } from './resolved-policy.js'
import { positionOf } from './source.js'
import { fieldsOf, itemsOf, textOf, type YamlNode } from './yaml-tree.js'

/** Resolves the named origin sets. An entry with a problem is left out of its set; the policy does not load then. */
export function resolveOriginSets(
  origins: YamlNode | undefined,
  problems: ProblemList,
): ReadonlyMap<string, ResolvedOriginSet> {
  const sets = new Map<string, ResolvedOriginSet>()
  const names = new Set<string>()
  for (const [name] of fieldsOf(origins)) names.add(name)

  for (const [name, { key, value }] of fieldsOf(origins)) {
    const entries: ResolvedOrigin[] = []
    for (const node of itemsOf(value)) {
      const entry = resolveEntry(node, names, problems)
      if (entry !== undefined) entries.push(entry)
    }
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

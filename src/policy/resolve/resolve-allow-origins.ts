import { partsOf, runItem, scalarText, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList, Remedy } from '../problems/problem-list.js'
import { positionOf, type Span } from '../problems/source.js'
import { nearest } from '../problems/suggest.js'
import { hasVariable, NO_VARIABLES } from '../problems/variable.js'
import { OriginEntries, type OriginTable } from '../resolved/origin-table.js'
import type { ResolvedOrigin, ResolvedOriginSet } from '../resolved/resolved-policy.js'
import { resolveOrigin } from './resolve-origin.js'
import { resolveRun } from './resolve-run.js'

/** A set as one rule names it: which set, and where. Inline entries are named where they stand. */
export interface OriginReference {
  readonly set: ResolvedOriginSet
  readonly at: Span
}

/**
 * Resolves `allowOrigins`: names become the sets themselves, everything else goes into one inline set. In the order
 * of the file, the inline set at the place of its first entry.
 */
export function resolveAllowOrigins(
  list: YamlNode | undefined,
  sets: ReadonlyMap<string, ResolvedOriginSet>,
  table: OriginTable,
  problems: ProblemList,
): readonly OriginReference[] {
  const references = new Map<ResolvedOriginSet, OriginReference>()
  const first = table.texts.length
  let inline: { readonly at: YamlNode; readonly before: number } | undefined
  let star: ResolvedOrigin | undefined
  for (const node of partsOf(list)) {
    if (node.kind === 'run') {
      inline ??= { at: runItem(node, 0), before: references.size }
      resolveRun(node, table, problems)
      continue
    }
    const name = setName(node)
    if (name !== undefined) {
      const set = sets.get(name)
      if (set === undefined) reportUnknownSet(node, name, sets, problems)
      else if (!references.has(set)) references.set(set, { set, at: node })
      continue
    }
    const entry = resolveOrigin(node, problems)
    if (entry === undefined) continue
    table.add(entry)
    if (entry.pattern.kind === 'any') star ??= entry
    inline ??= { at: node, before: references.size }
  }
  if (star !== undefined) refuseCrowdedStar(list, star, problems)
  const found = [...references.values()]
  if (inline === undefined) return found
  const { at, before } = inline
  const entries = new OriginEntries(table, first, at.source.file)
  return found.toSpliced(before, 0, { set: { name: undefined, entries, position: positionOf(at) }, at })
}

function setName(node: YamlNode): string | undefined {
  const text = node.kind === 'scalar' ? textOf(node) : undefined
  return text === undefined || text === '*' || text === 'null' || !/^[^:.\s]+$/.test(text) ? undefined : text
}

function reportUnknownSet(
  node: YamlNode,
  name: string,
  sets: ReadonlyMap<string, ResolvedOriginSet>,
  problems: ProblemList,
): void {
  const meant = nearest(name, sets.keys())
  const remedy: Remedy =
    meant === undefined
      ? hasVariable(name)
        ? NO_VARIABLES
        : { suggestion: 'define it under `origins`, or write the origin in full' }
      : { suggestion: `did you mean \`${meant}\`?`, replacement: scalarText(node, meant) }
  problems.error('unknown-set', node, `there is no origin set \`${name}\``, remedy)
}

// `*` beside a name would make the name decoration, and a reader might take the name for the rule.
function refuseCrowdedStar(list: YamlNode | undefined, star: ResolvedOrigin, problems: ProblemList): void {
  const parts = partsOf(list)
  if (parts.length === 1 && parts[0]?.kind === 'scalar') return
  problems.error(
    'any-origin-not-alone',
    star.position,
    '`*` stands alone, as plain text: it leaves nothing else to say',
    {
      suggestion: 'remove `*`, or give it a rule of its own after this one',
    },
  )
}

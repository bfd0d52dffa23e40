import { type Field, type MapNode, toPlain, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemCode } from '../problems/problem-codes.js'
import type { ProblemList } from '../problems/problem-list.js'
import { placeOf } from '../problems/source.js'
import type { AuthoredPolicy } from '../schema/schema.js'

/**
 * Makes one policy of several files: maps are merged, the routes put one after the other, and what can only be said
 * once must be the same wherever it is said. Nothing overrides anything: a name defined twice is an error.
 */
export function mergeFiles(roots: readonly MapNode[], problems: ProblemList): MapNode {
  const [first, ...others] = roots as [MapNode, ...MapNode[]]
  if (others.length === 0) return first
  const fields = new Map(first.fields)
  for (const root of others) {
    for (const [name, field] of root.fields) {
      const before = fields.get(name)
      fields.set(name, before === undefined ? field : mergeField(name, before, field, problems))
    }
  }
  return { ...first, fields }
}

function mergeField(name: string, before: Field, field: Field, problems: ProblemList): Field {
  const a = before.value
  const b = field.value
  const duplicateCode = MAPS.get(name)
  if (duplicateCode !== undefined && a.kind === 'map' && b.kind === 'map') {
    return { ...before, value: mergeMaps(a, b, duplicateCode, problems) }
  }
  if (name === ROUTES && a.kind === 'list' && b.kind === 'list') {
    return { ...before, value: { ...a, parts: [...a.parts, ...b.parts] } }
  }
  if (!isSame(a, b)) {
    problems.error('files-disagree', field.key, `\`${name}\` does not agree with ${placeOf(before.key)}`, {
      suggestion: 'say it in one file only',
    })
  }
  return before
}

function mergeMaps(a: MapNode, b: MapNode, code: ProblemCode, problems: ProblemList): MapNode {
  const fields = new Map(a.fields)
  for (const [name, field] of b.fields) {
    const before = fields.get(name)
    if (before === undefined) fields.set(name, field)
    else {
      problems.error(code, field.key, `\`${name}\` is already defined at ${placeOf(before.key)}`, {
        suggestion: 'rename one of the two, or keep one',
      })
    }
  }
  return { ...a, fields }
}

function isSame(a: YamlNode, b: YamlNode): boolean {
  return JSON.stringify(toPlain(a), sortedKeys) === JSON.stringify(toPlain(b), sortedKeys)
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const MAPS: ReadonlyMap<string, ProblemCode> = new Map<keyof AuthoredPolicy, ProblemCode>([
  ['upstreams', 'duplicate-upstream'],
  ['origins', 'duplicate-set'],
])
const ROUTES: keyof AuthoredPolicy = 'routes'

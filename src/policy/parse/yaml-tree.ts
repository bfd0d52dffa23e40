import type { Position } from '../problems/problem.js'
import { positionOf, type Source, type Span } from '../problems/source.js'

/** A policy file as plain nodes that know where they stand; aliases are followed, so the same node may appear twice. */
export type YamlNode = MapNode | ListNode | ScalarNode | BrokenNode

export interface MapNode extends Span {
  readonly kind: 'map'
  /** A Map, because the keys are the author's. */
  readonly fields: ReadonlyMap<string, Field>
}

export interface Field {
  readonly key: Span
  readonly value: YamlNode
}

export interface ListNode extends Span {
  readonly kind: 'list'
  /** Its items in order; a run stands for many, so read them by `itemsOf` unless a run is of use as it is. */
  readonly parts: readonly (YamlNode | RunNode)[]
}

/** Consecutive scalars that are texts beyond doubt, by their offsets: a long allowlist without a node for each entry. */
export interface RunNode {
  readonly kind: 'run'
  readonly source: Source
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

export interface ScalarNode extends Span {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
}

/** What could not be read, and was reported when it was found: later stages pass over it in silence. */
export interface BrokenNode extends Span {
  readonly kind: 'broken'
}

// The readers below answer undefined for what is absent and for what has the wrong type: the schema has reported
// the latter, and whoever resolves goes on with the rest, so that all problems show at once.

/** A field of a map by its authored name; `T` is the authored type, so that a misspelt name does not compile. */
export function fieldOf<T>(node: YamlNode | undefined, key: keyof T & string): Field | undefined {
  return node?.kind === 'map' ? node.fields.get(key) : undefined
}

export function childOf<T>(node: YamlNode | undefined, key: keyof T & string): YamlNode | undefined {
  return fieldOf<T>(node, key)?.value
}

export function fieldsOf(node: YamlNode | undefined): Iterable<[string, Field]> {
  return node?.kind === 'map' ? node.fields : []
}

export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  if (node?.kind !== 'list') return []
  const known = ITEMS.get(node)
  if (known !== undefined) return known
  const items = node.parts.some(part => part.kind === 'run')
    ? node.parts.flatMap(part => (part.kind === 'run' ? runItems(part) : part))
    : (node.parts as readonly YamlNode[])
  ITEMS.set(node, items)
  return items
}

export function partsOf(node: YamlNode | undefined): readonly (YamlNode | RunNode)[] {
  return node?.kind === 'list' ? node.parts : []
}

/** One scalar of a run. */
export function runItem({ source, starts, ends }: RunNode, index: number): ScalarNode {
  const start = starts[index] as number
  const end = ends[index] as number
  const text = source.text.slice(start, end)
  const value = text[0] === '"' || text[0] === "'" ? text.slice(1, -1) : text
  return { kind: 'scalar', source, start, end, value }
}

function runItems(run: RunNode): readonly ScalarNode[] {
  return run.starts.map((_, index) => runItem(run, index))
}

export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}

export function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined
}

export function flagOf(node: YamlNode | undefined): boolean | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : undefined
}

/** Where each field of a map is written, from its key to the end of its value or of its first line. */
export function fieldPositions(node: YamlNode): ReadonlyMap<string, Position> {
  const positions = new Map<string, Position>()
  for (const [name, { key, value }] of fieldsOf(node)) {
    positions.set(name, positionOf({ ...key, end: Math.max(key.end, value.end) }))
  }
  return positions
}

/**
 * The node as a plain value. Objects have no prototype, so that a key `constructor` is only a key.
 *
 * @param runs false: without the runs; each follows a text like its own
 */
export function toPlain(node: YamlNode, runs = true): unknown {
  switch (node.kind) {
    case 'map': {
      const object = Object.create(null) as Record<string, unknown>
      for (const [key, field] of node.fields) object[key] = toPlain(field.value, runs)
      return object
    }
    case 'list':
      return (runs ? itemsOf(node) : partsOf(node).filter(part => part.kind !== 'run')).map(item =>
        toPlain(item, runs),
      )
    case 'scalar':
      return node.value
    case 'broken':
      return undefined
  }
}

/** `text` written the way the scalar at `span` is: in its quotes, or in double quotes where plain would not do. */
export function scalarText(span: Span, text: string): string {
  const quote = span.source.text[span.start]
  if (quote === "'") return `'${text.replaceAll("'", "''")}'`
  return quote !== '"' && PLAIN.test(text) ? text : JSON.stringify(text)
}

// Whoever reports many problems of one list asks for its items as often.
const ITEMS = new WeakMap<ListNode, readonly YamlNode[]>()

// Narrow on purpose: what is a plain scalar in every context and never a number, a boolean or null.
const PLAIN = /^(?!(?:true|false|null)$)[A-Za-z/](?:[\w./*%+~@-]|:(?=[\w/*]))*$/i

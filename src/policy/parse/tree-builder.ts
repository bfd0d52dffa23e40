import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { ProblemList } from '../problems/problem-list.js'
import { placeOf, type Source, type Span } from '../problems/source.js'
import type { FileKind } from '../schema/file-kind.js'
import type { Run } from './collapse-runs.js'
import type { Field, RunNode, YamlNode } from './yaml-tree.js'

/** Turns one YAML document into a tree of our own, following aliases and refusing what no file of ours has a use for. */
export class TreeBuilder {
  readonly #source: Source
  readonly #runs: ReadonlyMap<number, Run>
  readonly #kind: FileKind
  readonly #problems: ProblemList
  readonly #anchors = new Map<string, { node: YamlNode; size: number }>()
  #runsFound = 0
  /** Nodes so far, those behind aliases counted every time. */
  #size = 0
  #aliasSize = 0

  constructor(source: Source, runs: ReadonlyMap<number, Run>, kind: FileKind, problems: ProblemList) {
    this.#source = source
    this.#runs = runs
    this.#kind = kind
    this.#problems = problems
  }

  /** True where every run was met as the list that it looked like; else the tree is not to be trusted. */
  get foundAllRuns(): boolean {
    return this.#runsFound === this.#runs.size
  }

  build(node: Node): YamlNode {
    if (isAlias(node)) return this.#followAlias(node)
    const sizeBefore = this.#size++
    if (node.tag !== undefined) this.#refuseTag(node)
    const built = this.#buildPlain(node)
    // Only now: an alias inside its own anchor finds nothing, and so cannot recur.
    const { anchor } = node as { anchor?: string }
    if (anchor !== undefined) this.#anchors.set(anchor, { node: built, size: this.#size - sizeBefore })
    return built
  }

  #buildPlain(node: Node): YamlNode {
    const span = this.#span(node)
    if (isScalar(node)) return { ...span, kind: 'scalar', value: scalarValue(node) }
    if (isMap(node)) return { ...span, kind: 'map', fields: this.#buildFields(node) }
    if (isSeq(node)) return { ...span, kind: 'list', parts: this.#buildParts(node) }
    return { ...span, kind: 'broken' }
  }

  #buildFields(map: YAMLMap): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>()
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = this.#span(pair.key)
      const name = String((pair.key as Scalar).value)
      if (this.#isUsableKey(name, key, fields))
        fields.set(name, { key, value: this.#buildValue(pair.value, key) })
    }
    return fields
  }

  #buildValue(value: Node | null, key: Span): YamlNode {
    const node: YamlNode = value === null ? { ...key, kind: 'scalar', value: null } : this.build(value)
    // What is not written at all is best shown at its key.
    return node.start === node.end ? { ...node, ...key } : node
  }

  #isUsableKey(name: string, key: Span, fields: ReadonlyMap<string, Field>): boolean {
    const before = fields.get(name)
    if (before !== undefined) {
      this.#problems.error(
        'yaml-duplicate-key',
        key,
        `\`${name}\` is already set at ${placeOf(before.key)}`,
        {
          suggestion: 'keep one of the two',
        },
      )
    } else if (name === '<<') {
      this.#problems.error(
        'yaml-merge-key',
        key,
        `YAML merge keys are not supported: ${this.#kind.noun} says what it means in place`,
        {
          suggestion: 'write the merged keys out',
        },
      )
    } else if (name === '__proto__') {
      this.#problems.error('unknown-key', key, `\`__proto__\` is not a key of ${this.#kind.noun}`)
    } else {
      return true
    }
    return false
  }

  #buildParts(list: YAMLSeq): readonly (YamlNode | RunNode)[] {
    const parts: (YamlNode | RunNode)[] = []
    for (const item of list.items as Node[]) {
      parts.push(this.build(item))
      const run = isScalar(item) && item.range ? this.#runs.get(item.range[0]) : undefined
      if (run === undefined) continue
      this.#runsFound++
      this.#size += run.starts.length - 1
      parts.push({ kind: 'run', source: this.#source, starts: run.starts.slice(1), ends: run.ends.slice(1) })
    }
    return parts
  }

  #followAlias(alias: Alias): YamlNode {
    const span = this.#span(alias)
    const anchor = this.#anchors.get(alias.source)
    if (anchor === undefined) {
      const written = `*${alias.source}`
      this.#problems.error(
        'yaml-alias',
        span,
        `\`${written}\` is read as a YAML alias, and no finished anchor has that name`,
        {
          suggestion: `quote it, if it is meant as text: ${JSON.stringify(written)}`,
          replacement: JSON.stringify(written),
        },
      )
      return { ...span, kind: 'broken' }
    }
    this.#size += anchor.size
    this.#aliasSize += anchor.size
    if (this.#aliasSize <= MAX_ALIAS_SIZE) return anchor.node
    this.#problems.error(
      'yaml-alias-expansion',
      span,
      `the aliases up to here stand for more than ${MAX_ALIAS_SIZE} nodes`,
      {
        suggestion: 'name the list once under `origins`, instead of repeating it',
      },
    )
    return { ...span, kind: 'broken' }
  }

  #refuseTag(node: Node): void {
    this.#problems.error(
      'yaml-tag',
      this.#span(node),
      `${this.#kind.noun} has no use for YAML tags such as \`${node.tag}\``,
      {
        suggestion: 'remove the tag; quote what is meant as text',
      },
    )
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0]
    return { source: this.#source, start, end }
  }
}

// YAML reads 010 as ten, 0x10 as sixteen and 1e3 as a thousand; whoever wrote that may mean something else, so it
// stays text, and whatever wants a number refuses it.
function scalarValue({ value, source }: Scalar): string | number | boolean | null {
  if (typeof value === 'number') return source !== undefined && DECIMAL.test(source) ? value : String(source)
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

const MAX_ALIAS_SIZE = 100_000

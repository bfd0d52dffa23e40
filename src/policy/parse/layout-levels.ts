import type { Remedy } from '../problems/problem-list.js'
import type { FileKind } from '../schema/file-kind.js'
import { keysAt } from '../schema/schema-at.js'

export interface LayoutLine {
  /** From 1. */
  readonly number: number
  readonly start: number
  readonly end: number
  /** Columns from 0; a tab counts as one. */
  readonly indent: number
}

/** A key, or the dash of a list item, where it stands. */
export interface LayoutEntry {
  readonly line: LayoutLine
  /** From 0. */
  readonly column: number
  readonly kind: 'map' | 'list'
  /** The key as written, or `-`. */
  readonly name: string
  /** The key, or the first of the item. */
  readonly key: string
}

/** An entry that stands where none can; what to change begins at column 1 of its line. */
export interface Misplaced extends Pick<LayoutEntry, 'line' | 'column' | 'name'> {
  readonly message: string
  readonly remedy: Remedy
}

/** The maps and lists that are open at a line of a text, the outermost first: each stands for its latest entry. */
export class LayoutLevels {
  readonly #kind: FileKind
  readonly #levels: LayoutEntry[] = []

  constructor(kind: FileKind) {
    this.#kind = kind
  }

  get innermost(): LayoutEntry | undefined {
    return this.#levels.at(-1)
  }

  /** True where the innermost level is a list whose items have such a key. */
  isKeyOfItem(key: string): boolean {
    const { innermost } = this
    return innermost?.kind === 'list' && this.#isKnown(key, innermost)
  }

  /** @param waiting the column of a key or a dash right before, which has no value yet */
  place(entry: LayoutEntry, waiting: number | undefined): Misplaced | undefined {
    const levels = this.#levels
    const { column, kind } = entry
    const isNested = waiting !== undefined && (column > waiting || (column === waiting && kind === 'list'))
    if (isNested || levels.length === 0) {
      if (this.innermost?.column === column && this.innermost.kind === kind) levels.pop()
      levels.push(entry)
      return undefined
    }
    const kept = levels.filter(level => level.column <= column)
    // A list may stand right below its key, at the same column.
    if (kind === 'map' && kept.at(-1)?.kind === 'list' && kept.at(-2)?.column === column) kept.pop()
    const last = kept.at(-1)
    if (last?.column !== column || last.kind !== kind) return this.#misplaced(entry)
    levels.splice(kept.length - 1, Number.POSITIVE_INFINITY, entry)
    return undefined
  }

  #misplaced(entry: LayoutEntry): Misplaced {
    const { line, column, kind, name } = entry
    const [root, last] = [this.#levels[0] as LayoutEntry, this.innermost as LayoutEntry]
    if (root.column > column) {
      const message = `this line is indented deeper than line ${line.number}, which is no part of it`
      return { ...root, message, remedy: { suggestion: 'begin it at column 1', replacement: root.name } }
    }
    const message =
      column > last.column
        ? `this line is indented deeper than line ${last.line.number}, which has its value already`
        : `this ${kind === 'list' ? 'list item' : 'key'} begins where no other does`
    const meant = this.#levelFor(entry)
    const remedy = {
      suggestion: meant && `begin it at column ${meant.column + 1}, as line ${meant.line.number} does`,
      replacement: meant && `${' '.repeat(meant.column)}${name}`,
    }
    return { line, column, name, message, remedy }
  }

  // Where the schema knows such a key, else the nearest. A wrong guess opens nothing: no key means something in two places.
  #levelFor({ kind, key, column }: LayoutEntry): LayoutEntry | undefined {
    const fitting = this.#levels.filter(level => level.kind === kind).reverse()
    const distance = (level: LayoutEntry) => Math.abs(level.column - column)
    return (
      fitting.find(level => this.#isKnown(key, level)) ?? fitting.sort((a, b) => distance(a) - distance(b))[0]
    )
  }

  #isKnown(key: string, level: LayoutEntry): boolean {
    const above = this.#levels.slice(0, this.#levels.indexOf(level))
    const path = above.map(({ kind, name }) => (kind === 'list' ? 0 : name))
    return keysAt(level.kind === 'list' ? [...path, 0] : path, this.#kind).includes(key)
  }
}

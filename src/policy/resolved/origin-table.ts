import type { OriginList } from '../../cors/origins/origin-list.js'
import { parseOriginPattern } from '../../cors/origins/origin-pattern.js'
import { grown, PackedTexts, type PackedTextsData } from '../../cors/origins/packed-texts.js'
import type { Position } from '../problems/problem.js'
import type { ResolvedOrigin } from './resolved-origin.js'

/** What only some entries say. */
export interface OriginNotes {
  readonly owner?: string
  readonly reason?: string
}

/** What a table consists of, for another thread. */
export interface OriginTableData {
  readonly texts: PackedTextsData
  readonly places: Int32Array
  readonly ends: Float64Array | undefined
}

/**
 * The entries of all allowlists of a policy, packed: texts, places and ends in a few buffers. Each list is a stretch of
 * it (`OriginEntries`). Filled while the policy is resolved, then sealed.
 */
export class OriginTable {
  readonly texts: PackedTexts
  /** By number, where the entry says more than its origin. */
  readonly notes: Map<number, OriginNotes> = new Map()
  /** Line, column and end column of each. */
  #places: Int32Array
  #ends: Float64Array | undefined

  constructor(data?: OriginTableData) {
    this.texts = new PackedTexts(data?.texts)
    this.#places = data?.places ?? new Int32Array(0)
    this.#ends = data?.ends
  }

  /** By number: Unix milliseconds, Infinity for ever; undefined where nothing ends. */
  get ends(): Float64Array | undefined {
    return this.#ends
  }

  /** Without the notes, which are no buffers. Only once sealed. */
  get data(): OriginTableData {
    return { texts: this.texts.data, places: this.#places, ends: this.#ends }
  }

  /** Adds an entry that is valid. */
  add({ text, position, owner, reason, expiresAt }: Omit<ResolvedOrigin, 'pattern'>): void {
    const number = this.addBare(text, position.line, position.column, position.endColumn)
    if (owner !== undefined || reason !== undefined) {
      this.notes.set(number, {
        ...(owner !== undefined && { owner }),
        ...(reason !== undefined && { reason }),
      })
    }
    if (expiresAt !== undefined) this.#setEnd(number, expiresAt)
  }

  /** Adds an entry that says nothing but its origin. */
  addBare(text: string, line: number, column: number, endColumn: number): number {
    const number = this.texts.push(text)
    if (number * 3 + 3 > this.#places.length) {
      this.#places = grown(this.#places, number * 3 + 3, length => new Int32Array(length))
    }
    this.#places[number * 3] = line
    this.#places[number * 3 + 1] = column
    this.#places[number * 3 + 2] = endColumn
    return number
  }

  seal(): void {
    const { length } = this.texts
    this.texts.seal()
    this.#places = this.#places.slice(0, length * 3)
    if (this.#ends === undefined) return
    const ends = new Float64Array(length).fill(FOR_EVER)
    ends.set(this.#ends.subarray(0, length))
    this.#ends = ends
  }

  /** @param file that the entry stands in */
  entry(number: number, file: string): ResolvedOrigin {
    const text = this.texts.text(number)
    const result = parseOriginPattern(text)
    if ('error' in result) throw new Error(`${text} was checked before it was added`)
    const expiresAt = this.#ends?.[number] ?? FOR_EVER
    return {
      text,
      pattern: result.pattern,
      ...this.notes.get(number),
      ...(expiresAt === FOR_EVER ? {} : { expiresAt }),
      position: this.#positionOf(number, file),
    }
  }

  /** True where `text(number)` is all that the entry says. */
  isBare(number: number): boolean {
    return !this.notes.has(number) && (this.#ends?.[number] ?? FOR_EVER) === FOR_EVER
  }

  #positionOf(number: number, file: string): Position {
    return {
      file,
      line: this.#places[number * 3] as number,
      column: this.#places[number * 3 + 1] as number,
      endColumn: this.#places[number * 3 + 2] as number,
    }
  }

  #setEnd(number: number, expiresAt: number): void {
    const ends = this.#ends ?? new Float64Array(0)
    this.#ends =
      number < ends.length ? ends : grown(ends, number + 1, length => new Float64Array(length).fill(FOR_EVER))
    this.#ends[number] = expiresAt
  }
}

/** The entries of one list, in their order. Each is an object only while somebody looks at it. */
export class OriginEntries implements OriginList<ResolvedOrigin> {
  readonly table: OriginTable
  readonly first: number
  readonly length: number
  /** A list stands in one file. */
  readonly file: string

  /** The entries that were added to the table from `first` on. */
  constructor(table: OriginTable, first: number, file: string, length = table.texts.length - first) {
    this.table = table
    this.first = first
    this.length = length
    this.file = file
  }

  get texts(): PackedTexts {
    return this.table.texts
  }

  get ends(): Float64Array | undefined {
    return this.table.ends
  }

  at(index: number): ResolvedOrigin | undefined {
    const at = index < 0 ? this.length + index : index
    return at >= 0 && at < this.length ? this.table.entry(this.first + at, this.file) : undefined
  }

  textAt(index: number): string {
    return this.table.texts.text(this.first + index)
  }

  isBare(index: number): boolean {
    return this.table.isBare(this.first + index)
  }

  *[Symbol.iterator](): Iterator<ResolvedOrigin> {
    for (let index = 0; index < this.length; index++) yield this.table.entry(this.first + index, this.file)
  }
}

const FOR_EVER = Number.POSITIVE_INFINITY

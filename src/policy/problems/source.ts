import type { Position } from './problem.js'

/** One policy file as text. `file` is how people know it; positions repeat it. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** A stretch of a source, as character offsets; `end` is exclusive. Cheap to keep for every node of a large policy. */
export interface Span {
  readonly source: Source
  readonly start: number
  readonly end: number
}

/** A file's text and where its lines begin, so that an offset becomes a line and a column only when one is asked for. */
export class Source {
  readonly file: string
  /** Without a byte order mark, which editors do not count as a column. */
  readonly text: string
  readonly #lineStarts: readonly number[]

  constructor({ file, text }: SourceFile) {
    this.file = file
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text
    this.#lineStarts = lineStartsOf(this.text)
  }

  /** The first line of what stands from `start` to `end`; columns count UTF-16 units, as editors and LSP do. */
  position(start: number, end: number): Position {
    const line = this.#lineAt(start)
    const lineStart = this.#lineStarts[line] as number
    const column = start - lineStart + 1
    const endColumn = Math.min(end, this.#lineEnd(line)) - lineStart + 1
    return { file: this.file, line: line + 1, column, endColumn: Math.max(endColumn, column + 1) }
  }

  #lineAt(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  #lineEnd(line: number): number {
    const next = this.#lineStarts[line + 1]
    if (next === undefined) return this.text.length
    return this.text[next - 2] === '\r' ? next - 2 : next - 1
  }
}

export function positionOf(span: Span): Position {
  return span.source.position(span.start, span.end)
}

/** `file:line:column`, for sentences that name a second place. */
export function placeOf(at: Span | Position): string {
  const { file, line, column } = 'source' in at ? positionOf(at) : at
  return `${file}:${line}:${column}`
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

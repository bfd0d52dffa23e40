import type { Remedy } from '../problems/problem-list.js'
import type { Source, Span } from '../problems/source.js'
import type { FileKind } from '../schema/file-kind.js'
import { type LayoutEntry, LayoutLevels, type LayoutLine as Line } from './layout-levels.js'
import { type Opening, ValueScanner } from './value-scanner.js'

/** What is wrong with how a text is laid out in lines, in words for whoever wrote it. */
export interface LayoutFault extends Span {
  readonly message: string
  readonly remedy: Remedy
}

/**
 * Finds the first line that is indented as YAML cannot have it, or is no `key: value`, or whatever a line before it
 * left open. Only for a text that the library has refused: what it says then is true of its grammar, and seldom names
 * the line that has to be changed.
 */
export function findLayoutFault(source: Source, kind: FileKind): LayoutFault | undefined {
  return new LayoutReader(source, kind).read()
}

class LayoutReader {
  readonly #source: Source
  readonly #scanner: ValueScanner
  readonly #levels: LayoutLevels
  /** The column of a key or a dash that has no value yet. */
  #waiting: number | undefined
  /** Deeper lines than this belong to a block of text. */
  #blockColumn: number | undefined

  constructor(source: Source, kind: FileKind) {
    this.#source = source
    this.#levels = new LayoutLevels(kind)
    this.#scanner = new ValueScanner(source.text)
  }

  read(): LayoutFault | undefined {
    let number = 0
    for (const [text, start] of linesOf(this.#source.text)) {
      number++
      const indent = text.search(/[^ \t]/)
      if (indent === -1 || text[indent] === '#') continue
      const fault = this.#readLine({ number, start, end: start + text.length, indent })
      if (fault !== undefined) return fault
    }
    return this.#unclosed()
  }

  #readLine(line: Line): LayoutFault | undefined {
    const { start, end, indent } = line
    if (this.#scanner.open.length > 0) {
      if (this.#isKeyAgain(line)) return this.#unclosed()
      this.#scanner.scan(start, end)
      return undefined
    }
    if (this.#blockColumn !== undefined && indent > this.#blockColumn) return undefined
    this.#blockColumn = undefined
    const leading = this.#source.text.slice(start, start + indent)
    if (leading.includes('\t')) return this.#tab(line, leading)
    return this.#readContent(line, indent)
  }

  #readContent(line: Line, column: number): LayoutFault | undefined {
    const text = this.#source.text.slice(line.start + column, line.end)
    const [dash] = /^-(?=\s|$)\s*/.exec(text) ?? []
    const key = dash === undefined ? KEY.exec(text) : null
    if (dash === undefined && key === null) return this.#readText(line, column, text)
    if (/^-\w/.test(text)) {
      const message = 'the `-` of a list item is followed by a space'
      return this.#fault(line, column, 1, message, { suggestion: 'write `- `', replacement: '- ' })
    }
    if (dash !== undefined) {
      const fault = this.#place(line, column, 'list', '-', keyOf(text.slice(dash.length)))
      if (fault !== undefined) return fault
      this.#waiting = column
      const rest = column + dash.length
      return line.start + rest < line.end ? this.#readContent(line, rest) : undefined
    }
    const fault = this.#place(line, column, 'map', keyOf(text), keyOf(text))
    if (fault === undefined) this.#readValue(line, column, column + (key as RegExpExecArray)[0].length)
    return fault
  }

  #readValue(line: Line, column: number, from: number): void {
    const start = line.start + from
    const value = this.#source.text.slice(start, this.#scanner.scan(start, line.end)).trim()
    this.#waiting = value === '' || /^&\S+$/.test(value) ? column : undefined
    if (/^[|>][-+\d]*$/.test(value)) this.#blockColumn = column
  }

  // A value on a line of its own, or more of a text; else a key without its colon.
  #readText(line: Line, column: number, text: string): LayoutFault | undefined {
    const top = this.#levels.innermost
    if (this.#levels.isKeyOfItem(/^\w*/.exec(text)?.[0] ?? '')) return this.#noColon(line, column, text)
    const isValue = this.#waiting !== undefined && column > this.#waiting
    const hasShape = /^[A-Za-z]\w*(?::\S| |$)/.test(text)
    if (isValue || !hasShape || top === undefined || column > top.column) {
      this.#waiting = undefined
      this.#scanner.scan(line.start + column, line.end)
      if (top === undefined && hasShape) return this.#noColon(line, column, text)
      return undefined
    }
    return this.#noColon(line, column, text)
  }

  #noColon(line: Line, column: number, text: string): LayoutFault {
    const [whole, name = '', rest = ''] = /^(\w+)\s*[:=]?\s*(.*?)\s*$/.exec(text.slice(0, MAX_TEXT)) ?? []
    const fixed = `${name}:${rest === '' ? '' : ` ${rest}`}`
    const remedy = text.length > MAX_TEXT ? {} : { suggestion: `write \`${fixed}\``, replacement: fixed }
    return this.#fault(line, column, whole?.length ?? 1, 'a key is followed by a colon and a space', remedy)
  }

  #place(line: Line, column: number, kind: LayoutEntry['kind'], name: string, key: string) {
    const misplaced = this.#levels.place({ line, column, kind, name, key }, this.#waiting)
    this.#waiting = undefined
    if (misplaced === undefined) return undefined
    const { message, remedy } = misplaced
    return this.#fault(misplaced.line, 0, misplaced.column + misplaced.name.length, message, remedy)
  }

  #tab(line: Line, leading: string): LayoutFault {
    const spaces = leading.replaceAll('\t', '  ')
    const remedy = { suggestion: 'indent it with spaces', replacement: spaces }
    return this.#fault(line, 0, leading.length, 'a tab indents this line, and YAML takes spaces only', remedy)
  }

  // Whatever is open, a line that begins a key where others do ends it for whoever wrote it.
  #isKeyAgain({ start, end, indent }: Line): boolean {
    const text = this.#source.text.slice(start + indent, end).replace(/^(?:-\s+)+/, '')
    return KEY.test(text) && indent <= (this.#levels.innermost?.column ?? 0)
  }

  #unclosed(): LayoutFault | undefined {
    const open = this.#scanner.open
    const [outermost] = open
    if (outermost === undefined) return undefined
    const { text } = this.#source
    const line = text.slice(outermost.at).split(/\r?\n/, 1)[0] as string
    const written = line
      .slice(0, MAX_TEXT)
      .replace(/\s#.*$/, '')
      .trimEnd()
    const closers = open
      .map((opening: Opening) => opening.closer)
      .reverse()
      .join('')
    const isOneLine = open.every(({ at }) => at < outermost.at + Math.min(line.length, MAX_TEXT))
    const message = `the \`${text[outermost.at]}\` that opens here is not closed`
    return {
      source: this.#source,
      start: outermost.at,
      end: outermost.at + written.length,
      message,
      remedy: {
        suggestion: `close it with \`${closers}\``,
        replacement: isOneLine ? `${written}${closers}` : undefined,
      },
    }
  }

  #fault(line: Line, column: number, length: number, message: string, remedy: Remedy): LayoutFault {
    const start = line.start + column
    return { source: this.#source, start, end: start + length, message, remedy }
  }
}

function keyOf(text: string): string {
  return KEY.exec(text)?.[1]?.trimEnd() ?? ''
}

function* linesOf(text: string): Iterable<readonly [line: string, start: number]> {
  let start = 0
  for (const line of text.split('\n')) {
    yield [line.replace(/\r$/, ''), start]
    start += line.length + 1
  }
}

/** Longer than any line that a person meant as a key and its value; what is beyond is not looked at twice. */
const MAX_TEXT = 1000

// Linear: what follows a colon inside a key is told from the colon that ends it by one look ahead.
const KEY = /^("(?:[^"\\]|\\.)*"\s*|'[^']*'\s*|[^\s"'#[\]{},&*!|>%@`:][^#:]*(?::(?!\s|$)[^#:]*)*):(?=\s|$)\s*/

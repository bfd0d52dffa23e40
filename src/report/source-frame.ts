import { columnsOf, escapeControls } from './display-text.js'

/** A source line as it is shown, and the line with the caret below it. */
export interface Frame {
  readonly text: string
  readonly caret: string
}

/**
 * Shows a line with carets under `column`..`endColumn` (from 1, in UTF-16 units, end exclusive). Tabs become two
 * spaces and unprintable characters escapes, so that the carets stand where they should; of an over-long line only
 * the part around them is shown.
 */
export function frameOf(line: string, column: number, endColumn: number): Frame {
  const start = Math.min(column - 1, line.length)
  const end = Math.min(endColumn - 1, line.length)
  const isLong = columnsOf(display(line)) > WIDTH
  const before = cutLeft(display(line.slice(0, start)), isLong ? SIDE_WIDTH : WIDTH)
  const marked = cutRight(display(line.slice(start, end)), isLong ? SIDE_WIDTH : WIDTH)
  const after = cutRight(display(line.slice(end)), Math.max(WIDTH - columnsOf(before) - columnsOf(marked), 1))
  return {
    text: `${before}${marked}${after}`.trimEnd(),
    caret: `${' '.repeat(columnsOf(before))}${'^'.repeat(Math.max(columnsOf(marked), 1))}`,
  }
}

function display(text: string): string {
  return escapeControls(text.replaceAll('\t', '  '))
}

function cutLeft(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  const characters = Array.from(text)
  let from = characters.length
  for (let columns = 1; from > 0; from--) {
    columns += columnsOf(characters[from - 1] as string)
    if (columns > width) break
  }
  return `…${characters.slice(from).join('')}`
}

function cutRight(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  const characters = Array.from(text)
  let to = 0
  for (let columns = 1; to < characters.length; to++) {
    columns += columnsOf(characters[to] as string)
    if (columns > width) break
  }
  return `${characters.slice(0, to).join('')}…`
}

/** In terminal columns. */
const WIDTH = 120
const SIDE_WIDTH = 60

import type { YAMLSeq } from 'yaml'
import {
  above,
  columnOf,
  indentOf,
  lineEnd,
  lineStart,
  type Range,
  rangeOf,
  replace,
  splice,
} from './text-edit.js'

/**
 * Adds an item and its comment to a list of a YAML text, in the list's own style, so that the difference is a line for
 * each item. A list in one line stays there as long as it fits; then it is broken, one item on a line.
 *
 * @param item as it is to stand there; lines after the first are indented as the list needs it
 * @returns undefined where the list is written in a way that this does not edit (nothing to align with).
 */
export function appendItem(text: string, list: YAMLSeq, item: string, comment: string): string | undefined {
  const range = rangeOf(list)
  if (range === undefined) return undefined
  if (!list.flow) return appendBlock(text, list, item, comment)
  const [open, end] = range
  const close = end - 1
  if (text[close] !== ']') return undefined
  const spansLines = text.slice(open, close).includes('\n')
  return (spansLines ? appendFlowLine : appendInLine)(text, list, { open, close }, item, comment)
}

interface Brackets {
  /** Offsets of `[` and `]`. */
  readonly open: number
  readonly close: number
}

function appendBlock(text: string, list: YAMLSeq, item: string, comment: string): string | undefined {
  const first = rangeOf(list.items[0])
  const last = rangeOf(list.items.at(-1))
  if (first === undefined || last === undefined) return undefined
  const indent = ' '.repeat(columnOf(text, text.lastIndexOf('-', first[0])))
  const lines = item.replaceAll('\n', `\n${indent}  `)
  return splice(text, lineEnd(text, last[1]), `\n${indent}${comment}\n${indent}- ${lines}`)
}

function appendInLine(text: string, list: YAMLSeq, { open, close }: Brackets, item: string, comment: string) {
  const last = rangeOf(list.items.at(-1))
  const comma = last === undefined || text.slice(last[1], close).includes(',') ? '' : ','
  const at = last === undefined || comma === '' ? close : last[1]
  const grown = splice(text, at, `${comma}${last === undefined ? '' : ' '}${item}`)
  if (lineEnd(grown, open) - lineStart(grown, open) <= WIDTH) return above(grown, open, comment)
  const items = itemTexts(text, list, open)
  if (items === undefined) return undefined
  const indent = brokenIndent(text, open)
  const lines = [...items.map(each => `${each},`), comment, `${item},`].map(line => `\n${indent}${line}`)
  return replace(text, open + 1, close, `${lines.join('')}\n${indent.slice(STEP)}`)
}

/** Items of a list in one line, with whatever stands before each: an anchor, a tag. */
function itemTexts(text: string, list: YAMLSeq, open: number): readonly string[] | undefined {
  const texts: string[] = []
  let from = open + 1
  for (const each of list.items) {
    const range = rangeOf(each)
    if (range === undefined) return undefined
    texts.push(text.slice(from, range[1]).trim())
    from = text.indexOf(',', range[1]) + 1
  }
  return texts
}

function appendFlowLine(
  text: string,
  list: YAMLSeq,
  { open, close }: Brackets,
  item: string,
  comment: string,
): string | undefined {
  const last = rangeOf(list.items.at(-1))
  if (last === undefined) return undefined
  const rest = text.slice(last[1], close)
  const comma = /^(?:\s|#.*\n)*,/.exec(rest)?.[0]
  const separated = comma === undefined ? splice(text, last[1], ',') : text
  const after = last[1] + (comma?.length ?? 1)
  // Behind a comment of the last item, unless the list ends in its line.
  const at = rest.includes('\n') ? lineEnd(separated, after) : after
  const indent = indentOfItems(text, last, open)
  const added = `\n${indent}${comment}\n${indent}${item}${comma === undefined ? '' : ','}`
  return splice(separated, at, added)
}

function indentOfItems(text: string, last: Range, open: number): string {
  return lineStart(text, last[0]) > open ? indentOf(text, last[0]) : brokenIndent(text, open)
}

// Deeper than the key that the list belongs to, and so is its closing bracket: YAML wants both within their parent.
function brokenIndent(text: string, open: number): string {
  const begins = /^ *(?:- +)*/.exec(text.slice(lineStart(text, open)))?.[0] ?? ''
  return ' '.repeat(begins.length + 2 * STEP)
}

// Columns.
const WIDTH = 100
const STEP = 2

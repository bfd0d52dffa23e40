/** Offsets in the text: a node's begin, its value's end, and where the next one may begin. */
export type Range = readonly [begin: number, valueEnd: number, end: number]

/** Where a parsed node stands; undefined for what is none, or was not parsed from text. */
export function rangeOf(node: unknown): Range | undefined {
  return (node as { range?: Range | null } | undefined)?.range ?? undefined
}

/** Puts something between two characters; see `replace`. */
export function splice(text: string, at: number, inserted: string): string {
  return replace(text, at, at, inserted)
}

/** Puts something in the place of a part. What is inserted breaks its lines as the text does. */
export function replace(text: string, from: number, to: number, inserted: string): string {
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '\n'
  return text.slice(0, from) + inserted.replaceAll('\n', lineBreak) + text.slice(to)
}

/** The end of the line on which a node's content ends: blocks reach to where the next one begins. */
export function lineEnd(text: string, end: number): number {
  let at = end
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at--
  const rest = text.slice(at).search(/\r?\n/)
  return rest === -1 ? text.length : at + rest
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at)
}

/** The spaces that a line begins with. */
export function indentOf(text: string, at: number): string {
  return /^ */.exec(text.slice(lineStart(text, at)))?.[0] ?? ''
}

/** Puts a line above the one that holds an offset, in its indentation. */
export function above(text: string, at: number, line: string): string {
  return splice(text, lineStart(text, at), `${indentOf(text, at)}${line}\n`)
}

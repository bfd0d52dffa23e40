import { Composer, type Document, Lexer, type ParsedNode, Parser } from 'yaml'

/** A text read as YAML, or the offset at which it nests too deeply to be read. */
export type ComposedYaml =
  | { readonly documents: readonly Document.Parsed<ParsedNode>[]; readonly directives: readonly TextRange[] }
  | { readonly tooDeepAt: number }

export type TextRange = readonly [start: number, end: number]

/**
 * The library's own `parseDocument`, opened up for one check: depth is counted while tokens arrive. The composer
 * recurses, and near the end of the stack V8 may abort the process instead of throwing (CVE-2026-33532 is the
 * throwing half), so a file of `[[[[` must never get that far.
 */
export function composeYaml(text: string): ComposedYaml {
  const parser = new Parser()
  const composer = new Composer(OPTIONS)
  const documents: Document.Parsed<ParsedNode>[] = []
  const directives: TextRange[] = []

  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') directives.push([token.offset, token.offset + token.source.length])
      documents.push(...composer.next(token))
    }
    if (parser.stack.length > MAX_DEPTH) return { tooDeepAt: parser.offset - lexeme.length }
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end(true, text.length))
  return { documents, directives }
}

// A policy nests 8 deep.
const MAX_DEPTH = 64

const OPTIONS = {
  version: '1.2',
  strict: true,
  // Keys are text: an upstream called 8080 is called "8080".
  stringKeys: true,
  // The library compares each key with every other; the tree builder has a Map.
  uniqueKeys: false,
  merge: false,
  resolveKnownTags: false,
  logLevel: 'silent',
} as const

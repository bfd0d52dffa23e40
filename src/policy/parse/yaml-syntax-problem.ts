import type { YAMLError } from 'yaml'
import type { ProblemCode } from '../problems/problem-codes.js'
import type { ProblemList, Remedy } from '../problems/problem-list.js'
import type { Source, Span } from '../problems/source.js'
import { hasVariable, NO_VARIABLES } from '../problems/variable.js'
import type { FileKind } from '../schema/file-kind.js'
import { findLayoutFault } from './layout-fault.js'

/**
 * Puts the library's errors into words for whoever wrote the file. Of those that derail a parser only the first: what it
 * reads after that is a guess, and its other errors are echoes.
 */
export function reportYamlErrors(
  errors: readonly YAMLError[],
  source: Source,
  kind: FileKind,
  problems: ProblemList,
): void {
  const isDerailing = ({ code, message }: YAMLError) =>
    !OWN_CODES.has(code) && !LOCAL.some(([pattern]) => pattern.test(message))
  const [first] = errors.filter(isDerailing).sort((a, b) => a.pos[0] - b.pos[0])
  for (const error of errors) {
    if (isDerailing(error)) continue
    if (!OWN_CODES.has(error.code)) reportSentence(error, source, problems)
    // A key that is a list is mostly a list that stands where a key should.
    else if (first === undefined || error.code !== 'NON_STRING_KEY') reportOwn(error, source, problems)
  }
  if (first !== undefined) reportDerailed(first, source, kind, problems)
}

function reportOwn(error: YAMLError, source: Source, problems: ProblemList): void {
  const [start, end] = error.pos
  const span = { source, start: Math.min(start, source.text.length), end }
  const character = source.text[start]
  if (error.code === 'BAD_ALIAS' && (character === '*' || character === '&')) {
    const what = character === '*' ? 'a YAML alias' : 'a YAML anchor'
    problems.error('yaml-alias', span, `an unquoted \`${character}\` is read as ${what}`, {
      suggestion: `quote it: "${character}"`,
      replacement: `"${character}"`,
    })
    return
  }
  if (error.code === 'NON_STRING_KEY' && source.text.startsWith('{{', start - 1)) {
    problems.error('yaml-key', span, 'an unquoted `{` begins a map', NO_VARIABLES)
    return
  }
  const remedy = error.code === 'NON_STRING_KEY' ? { suggestion: 'write a plain key' } : {}
  const message =
    error.code === 'NON_STRING_KEY' ? 'a key is text, and this one is not' : lower(error.message)
  problems.error(OWN_CODES.get(error.code) ?? 'yaml-syntax', span, message, remedy)
}

function reportDerailed(error: YAMLError, source: Source, kind: FileKind, problems: ProblemList): void {
  const fault = findLayoutFault(source, kind)
  const hasName = DERAILING.some(([pattern]) => pattern.test(error.message))
  // A fault of the layout further down is not what the library stumbled over, if that has a name of its own.
  if (fault === undefined || (hasName && fault.start > endOfNextContent(source, error.pos[0])))
    reportSentence(error, source, problems)
  else problems.error('yaml-syntax', fault, fault.message, fault.remedy)
}

function reportSentence(error: YAMLError, source: Source, problems: ProblemList): void {
  const start = Math.min(error.pos[0], source.text.length)
  if (source.text[start] === '{' && hasVariable(source.text.slice(start - 1, start + 1))) {
    reportVariable({ source, start: start - 1, end: start }, problems)
    return
  }
  const [, describe = describeOther(error)] =
    [...LOCAL, ...DERAILING].find(([pattern]) => pattern.test(error.message)) ?? []
  const { length, message, ...remedy } = describe(
    source.text.slice(start, Math.min(endOfLine(source, start), start + MAX_REST)),
  )
  problems.error('yaml-syntax', { source, start, end: start + length }, message, remedy)
}

/** `${NAME}` and `{{ name }}`, which YAML takes for the beginning of a map. */
function reportVariable({ source, start }: Span, problems: ProblemList): void {
  const [written = '$'] =
    /^(?:\$\{[^}\n]*\}?|\{\{.*?(?:\}\}|$))/m.exec(source.text.slice(start, start + MAX_REST)) ?? []
  problems.error(
    'yaml-syntax',
    { source, start, end: start + written.length },
    'an unquoted `{` begins a map',
    NO_VARIABLES,
  )
}

function describeOther({ message, pos: [start, end] }: YAMLError): (rest: string) => Sentence {
  return () => ({
    length: end - start,
    message: `this is no YAML: ${lower(message)}`,
    suggestion: 'look at quotes, brackets and indentation from here backwards',
  })
}

/** Where the next line ends that is neither empty nor a comment. */
function endOfNextContent(source: Source, from: number): number {
  let start = endOfLine(source, from) + 1
  while (start < source.text.length) {
    const end = endOfLine(source, start)
    if (/^\s*[^\s#]/.test(source.text.slice(start, end))) return end
    start = end + 1
  }
  return source.text.length
}

function endOfLine({ text }: Source, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function lower(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`
}

interface Sentence extends Remedy {
  /** How much of the line is at fault. */
  readonly length: number
  readonly message: string
}

function quoted(text: string): Pick<Sentence, 'suggestion' | 'replacement'> {
  const replacement = JSON.stringify(text)
  return { suggestion: `quote it: ${replacement}`, replacement }
}

type Sentences = readonly (readonly [pattern: RegExp, describe: (rest: string) => Sentence])[]

/** What the library says of a place without losing its way, and what to say instead of the rest of the line from there. */
const LOCAL: Sentences = [
  [
    /^Plain value cannot start with/,
    rest => {
      const [text = ''] = /^[^\s,\]}]+/.exec(rest) ?? []
      return {
        length: text.length,
        message: `unquoted text cannot begin with \`${rest[0]}\``,
        ...quoted(text),
      }
    },
  ],
  [
    /^Invalid escape sequence/,
    rest => ({
      length: 1,
      message: `\`${rest.slice(0, 2)}\` means nothing in double quotes`,
      suggestion: 'write two backslashes for one, or use single quotes',
      replacement: '\\\\',
    }),
  ],
  [
    /^Unexpected , in/,
    () => ({
      length: 1,
      message: 'a comma with nothing before it',
      suggestion: 'remove it',
      replacement: '',
    }),
  ],
  [
    /^Comments must be separated/,
    () => ({
      length: 1,
      message: '`#` begins a comment after a space only',
      suggestion: 'put a space before it',
      replacement: ' #',
    }),
  ],
]

/** Likewise, where it has lost its way. */
const DERAILING: Sentences = [
  [
    /^Nested mappings are not allowed/,
    rest => {
      const [text = ''] = /^.*?(?=\s+#|\s*$)/.exec(rest) ?? []
      return {
        length: text.length,
        message: 'a second `: ` in one line would begin another map',
        ...quoted(text),
      }
    },
  ],
  [
    /^Missing , /,
    rest => ({
      length: 1,
      message: 'the entries of a list are parted by commas',
      suggestion: 'put a comma before it',
      replacement: `, ${rest[0] ?? ''}`,
    }),
  ],
  [
    /^Unexpected flow-(?:seq|map)-end token/,
    rest => ({
      length: 1,
      message: `\`${rest[0]}\` closes nothing`,
      suggestion: 'remove it',
      replacement: '',
    }),
  ],
  [
    /at node end$/,
    rest => ({
      length: /^\S*/.exec(rest)?.[0].length || 1,
      message: 'something follows a value that has ended',
      suggestion: 'remove it, or put the whole value into quotes',
    }),
  ],
]

/** As much of a line as a sentence looks at. */
const MAX_REST = 500

const OWN_CODES: ReadonlyMap<string, ProblemCode> = new Map([
  ['BAD_ALIAS', 'yaml-alias'],
  ['ALIAS_PROPS', 'yaml-alias'],
  ['NON_STRING_KEY', 'yaml-key'],
  ['TAG_RESOLVE_FAILED', 'yaml-tag'],
  ['BAD_DIRECTIVE', 'yaml-directive'],
])

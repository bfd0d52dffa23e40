import type { z } from 'zod'
import { MILLISECONDS, WHOLE_SECONDS } from '../../syntax/duration.js'
import type { ProblemCode } from '../problems/problem-codes.js'
import type { Remedy } from '../problems/problem-list.js'
import type { Span } from '../problems/source.js'
import { nearest } from '../problems/suggest.js'
import type { FileKind } from '../schema/file-kind.js'
import { keysAt, schemaAt } from '../schema/schema-at.js'
import { fieldOfFieldHelp, misplacedKeyHelp } from './misplaced-key.js'
import { ownerOf, quote, subjectOf } from './sentence-parts.js'
import { typeRemedy, unquoted } from './type-remedy.js'
import type { YamlNode } from './yaml-tree.js'

/** Where a path leads: the value, its key, and for what is not there the nearest map above. */
export interface Place {
  readonly path: readonly PropertyKey[]
  readonly node: YamlNode | undefined
  readonly key: Span | undefined
  readonly parent: Span
}

/** What one issue of the schema means to the author of the file. */
export interface ShapeProblem {
  readonly code: ProblemCode
  readonly at: Span
  readonly message: string
  readonly remedy: Remedy
}

/** Puts an issue of the schema into our words; zod's speak of inputs and expectations, and know no file. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  place: Place,
  kind: FileKind,
): readonly ShapeProblem[] {
  const { node, key, parent, path } = place
  if (issue.code === 'unrecognized_keys') return issue.keys.map(name => unknownKey(name, place, kind).problem)
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) =>
      badFormat(key ?? parent, `the name ${quote(path.at(-1))}`, message),
    )
  }
  if (node === undefined) return [missingKey(parent, path, kind)]
  switch (issue.code) {
    case 'invalid_type':
      return [wrongType(node, place, [issue.expected], kind)]
    case 'invalid_union':
      return [
        wrongType(
          node,
          place,
          issue.errors.flatMap(branch => branch.flatMap(expectedOf)),
          kind,
        ),
      ]
    case 'invalid_value':
      return [badValue(node, path, issue.values.map(String))]
    case 'invalid_format':
      return [badFormat(node, subjectOf(path), issue.message)]
    case 'too_small':
    case 'too_big':
      return [badSize(node, path, issue)]
    default:
      throw new Error(`no sentence for the schema issue ${issue.code}`)
  }
}

/** A key that the schema does not know, and the absent one that it was probably meant to be. */
export function unknownKey(
  name: string,
  { node, parent, path }: Place,
  kind: FileKind,
): { readonly problem: ShapeProblem; readonly meant: string | undefined } {
  const fields = node?.kind === 'map' ? node.fields : undefined
  const present = (key: string): boolean => fields?.has(key) === true
  const message = `\`${name}\` is not a key of ${ownerOf(path, kind)}`
  const at = fields?.get(name)?.key ?? parent
  const known = keysAt(path, kind)
  const ours = OTHER_KEYS.get(name) ?? name
  const inside = fieldOfFieldHelp(ours, path, present, kind)
  const near = inside === undefined ? nearest(ours, known) : undefined
  const meant = near === undefined || present(near) ? undefined : near
  const help = inside ?? (near === undefined ? misplacedKeyHelp(ours, path, present, kind) : undefined)
  const remedy = help === undefined ? keyRemedy(known, near, meant) : { suggestion: help }
  return { problem: { code: 'unknown-key', at, message, remedy }, meant }
}

function keyRemedy(known: readonly string[], near: string | undefined, meant: string | undefined): Remedy {
  if (near === undefined) return { suggestion: `the keys here are ${known.join(', ')}` }
  return meant === undefined
    ? { suggestion: `remove it, or make it part of the \`${near}\` that is already there` }
    : { suggestion: `did you mean \`${meant}\`?`, replacement: meant }
}

function missingKey(at: Span, path: readonly PropertyKey[], kind: FileKind): ShapeProblem {
  const message = `${ownerOf(path.slice(0, -1), kind)} needs ${quote(path.at(-1))}`
  const { description } = schemaAt(path, kind) as z.ZodType
  return {
    code: 'missing-key',
    at,
    message,
    remedy: { suggestion: `add ${quote(path.at(-1))}: ${description}` },
  }
}

function wrongType(
  at: YamlNode,
  { key, path }: Place,
  expected: readonly string[],
  kind: FileKind,
): ShapeProblem {
  const wanted = [...new Set(expected)].map(type => TYPES.get(type) ?? type)
  const message = `${subjectOf(path)} must be ${wanted.join(' or ')}, not ${kindOf(at)}`
  return {
    code: 'wrong-type',
    at,
    message,
    remedy: typeRemedy({ node: at, key, path, wanted: wanted[0] }, kind),
  }
}

function badValue(at: YamlNode, path: readonly PropertyKey[], values: readonly string[]): ShapeProblem {
  const written = at.kind === 'scalar' ? at.value : undefined
  const isShort = values.length <= LISTED || written === undefined
  const message = isShort
    ? `${subjectOf(path)} must be ${values.map(quote).join(' or ')}`
    : `${subjectOf(path)} cannot be ${quote(String(written))}`
  // What is right but for its quotes.
  if (typeof written === 'string' && values.includes(written)) {
    return { code: 'bad-value', at, message: `${message}, and not text`, remedy: unquoted(written) }
  }
  const meant = written === undefined ? undefined : nearest(String(written), values)
  const remedy =
    isShort || meant !== undefined ? choiceRemedy(meant, values) : longRemedy(String(written), values)
  return { code: 'bad-value', at, message, remedy }
}

// Those of most words in common; without any, whoever wrote it needs the whole list.
function longRemedy(written: string, values: readonly string[]): Remedy {
  const words = new Set(written.toLowerCase().split(/[^a-z]+/))
  const common = (value: string): number => value.split('-').filter(word => words.has(word)).length
  const most = Math.max(...values.map(common))
  if (most === 0) return { suggestion: `it is one of ${values.join(', ')}` }
  const near = values.filter(value => common(value) === most)
  return near.length === 1
    ? choiceRemedy(near[0], values)
    : { suggestion: `did you mean one of ${near.join(', ')}?` }
}

function choiceRemedy(meant: string | undefined, values: readonly string[]): Remedy {
  if (meant !== undefined) return { suggestion: `did you mean \`${meant}\`?`, replacement: meant }
  const [only, another] = values
  return only === undefined || another !== undefined ? {} : { suggestion: `write ${only}`, replacement: only }
}

// The schema gives each of its patterns the code of the problem for a message.
function badFormat(at: Span, subject: string, pattern: string): ShapeProblem {
  const code = pattern as keyof typeof FORMATS
  const { sentence, suggestion } = FORMATS[code]
  return { code, at, message: `${subject} ${sentence}`, remedy: { suggestion } }
}

function badSize(at: YamlNode, path: readonly PropertyKey[], issue: SizeIssue): ShapeProblem {
  const subject = subjectOf(path)
  if (issue.origin === 'array') {
    const suggestion =
      path.at(-1) === 'hosts'
        ? 'leave `hosts` out for any host'
        : 'list at least one, or remove what it belongs to'
    return { code: 'empty-list', at, message: `${subject} is an empty list`, remedy: { suggestion } }
  }
  if (issue.origin === 'string')
    return { code: 'bad-value', at, message: `${subject} cannot be empty`, remedy: {} }
  const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  return { code: 'number-range', at, message: `${subject} must be ${limit}`, remedy: {} }
}

type SizeIssue = Extract<z.core.$ZodIssue, { code: 'too_small' | 'too_big' }>

function expectedOf(issue: z.core.$ZodIssue): readonly string[] {
  return issue.code === 'invalid_type' ? [issue.expected] : []
}

/** What stands there, as in `not a list`. */
export function kindOf(node: YamlNode): string {
  if (node.kind === 'list') return 'a list'
  if (node.kind === 'map') return 'a map'
  if (node.kind === 'broken' || node.value === null) return 'nothing'
  return TYPES.get(typeof node.value) as string
}

/** Of a list of values, as many as a sentence can hold. */
const LISTED = 6

const TYPES = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'a map'],
  ['record', 'a map'],
])

/** What other programs call it. */
const OTHER_KEYS: ReadonlyMap<string, string> = new Map([
  ['insecureSkipVerify', 'dangerouslySkipVerify'],
  ['sni', 'serverName'],
])

const FORMATS = {
  'duration-format': {
    sentence: 'is not a duration',
    suggestion: `write ${MILLISECONDS.examples}, or a plain number of seconds`,
  },
  'max-age-format': {
    sentence: 'is not a duration in whole seconds',
    suggestion: `write ${WHOLE_SECONDS.examples}, or a plain number of seconds`,
  },
  'expires-date': {
    sentence: 'is not a day',
    suggestion: 'write a day of the calendar, as YYYY-MM-DD',
  },
  'name-syntax': {
    sentence: 'cannot be used in logs and metrics',
    suggestion: 'use 1 to 128 characters without spaces or control characters',
  },
  'set-name': {
    sentence: 'could be taken for an origin',
    suggestion: 'name the set without `:` and `.`, and not `*` or `null`',
  },
} as const satisfies Partial<Record<ProblemCode, { sentence: string; suggestion: string }>>

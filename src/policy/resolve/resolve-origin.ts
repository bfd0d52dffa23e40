import { type OriginPattern, parseOriginPattern } from '../../cors/origins/origin-pattern.js'
import type { PatternError } from '../../cors/origins/pattern-error.js'
import { childOf, scalarText, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList, Remedy } from '../problems/problem-list.js'
import { positionOf } from '../problems/source.js'
import type { ResolvedOrigin } from '../resolved/resolved-policy.js'
import { DAY, endOfDay } from '../schema/day.js'
import type { AuthoredOrigin } from '../schema/schema.js'

/** Where an entry says its origin: the entry itself, or the field of its long form. */
export function originNodeOf(entry: YamlNode): YamlNode | undefined {
  return entry.kind === 'map' ? childOf<AuthoredOrigin>(entry, 'origin') : entry
}

/** Resolves one entry of an allowlist, in its short or its long form; undefined where it is none. */
export function resolveOrigin(entry: YamlNode, problems: ProblemList): ResolvedOrigin | undefined {
  const node = originNodeOf(entry)
  const text = textOf(node)
  const expiresAt = resolveLastDay(childOf<AuthoredOrigin>(entry, 'expires'), problems)
  if (node === undefined || text === undefined) return undefined
  const pattern = resolvePattern(node, text, problems)
  if (pattern === undefined) return undefined

  const owner = textOf(childOf<AuthoredOrigin>(entry, 'owner'))
  const reason = textOf(childOf<AuthoredOrigin>(entry, 'reason'))
  return {
    text,
    pattern,
    ...(owner === undefined ? {} : { owner }),
    ...(reason === undefined ? {} : { reason }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    position: positionOf(node),
  }
}

/** Reads an origin or pattern; a text that is none becomes a problem with the spelling that a browser would use. */
export function resolvePattern(
  node: YamlNode,
  text: string,
  problems: ProblemList,
): OriginPattern | undefined {
  const result = parseOriginPattern(text)
  if ('pattern' in result) return result.pattern
  const { code, message } = result.error
  problems.error(code, node, `\`${text}\`: ${message}`, remedyFor(node, result.error))
  return undefined
}

function remedyFor(node: YamlNode, { code, spelling }: PatternError): Remedy {
  if (spelling === undefined)
    return { suggestion: FORMS[code] ?? 'write it as scheme://host[:port], such as https://www.shop.example' }
  return { suggestion: `write \`${spelling}\``, replacement: scalarText(node, spelling) }
}

/** The first moment (Unix milliseconds) after the last day that the policy names. */
export function resolveLastDay(node: YamlNode | undefined, problems: ProblemList): number | undefined {
  const text = textOf(node)
  // What is written in another way has its problem from the schema.
  if (node === undefined || text === undefined || !DAY.test(text)) return undefined
  const end = endOfDay(text)
  if (end !== undefined) return end
  problems.error('expires-date', node, `there is no ${text} in the calendar`, {
    suggestion: 'write the last day on which it holds',
  })
  return undefined
}

/** Where the plain form is not what was wanted. */
const FORMS: Readonly<Partial<Record<PatternError['code'], string>>> = {
  'origin-wildcard':
    'write each origin, or give previews a domain of their own and allow all below it: https://*.preview.shop.example',
}

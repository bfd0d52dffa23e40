import { kindOf } from '../../policy/parse/shape-problem.js'
import { unquoted } from '../../policy/parse/type-remedy.js'
import { itemsOf, type ScalarNode, type YamlNode } from '../../policy/parse/yaml-tree.js'
import type { ProblemList, Remedy } from '../../policy/problems/problem-list.js'
import { nearest } from '../../policy/problems/suggest.js'
import type { Notation } from '../../setting-values.js'
import type { SettingSpec } from '../../settings.js'

/**
 * The text of a setting that a settings file has, as the command line would have it: a list is its entries between commas.
 *
 * @returns undefined where it is of the wrong type or the setting cannot be that; why goes to `problems`.
 */
export function settingText(spec: SettingSpec, node: YamlNode, problems: ProblemList): string | undefined {
  if (node.kind === 'broken') return undefined
  const { notation = 'text' } = spec.read
  if (notation !== 'list' || node.kind !== 'list')
    return scalarText(spec, node, { subject: `\`${spec.key}\``, types: TYPES[notation] }, problems)
  const entry = { subject: `an entry of \`${spec.key}\``, types: TYPES.text }
  const texts = itemsOf(node).map(item => scalarText(spec, item, entry, problems))
  return texts.includes(undefined) ? undefined : texts.join(',')
}

interface Wanted {
  readonly subject: string
  readonly types: readonly Type[]
}

function scalarText(
  spec: SettingSpec,
  node: YamlNode,
  { subject, types }: Wanted,
  problems: ProblemList,
): string | undefined {
  if (node.kind === 'broken') return undefined
  if (node.kind !== 'scalar' || !types.some(type => type === typeof node.value)) {
    const wanted = types.map(type => WORDS[type]).join(' or ')
    const remedy = typeRemedy(spec, node, types)
    problems.error('wrong-type', node, `${subject} must be ${wanted}, not ${kindOf(node)}`, remedy)
    return undefined
  }
  const text = String(node.value)
  const fault = faultOf(spec, text)
  if (fault === undefined) return text
  const meant = nearest(text, spec.read.values ?? [])
  problems.error('bad-value', node, `${subject}: ${fault}`, meant === undefined ? {} : meantRemedy(meant))
  return undefined
}

function meantRemedy(meant: string): Remedy {
  return { suggestion: `did you mean \`${meant}\`?`, replacement: meant }
}

function typeRemedy(spec: SettingSpec, node: YamlNode, types: readonly Type[]): Remedy {
  const isRight =
    node.kind === 'scalar' && node.value !== null && faultOf(spec, String(node.value)) === undefined
  if (isRight) return types.includes('string') ? quoted(node) : unquoted(String(node.value))
  const { key, value, fallback, help, read } = spec
  const example = fallback ? `, such as ${fallback}` : ''
  const instead = fallback !== undefined && isNothing(node) ? `, or remove \`${key}\`` : ''
  const what = read.notation === 'list' ? `a list: [${value}]` : `${value}${example}`
  return { suggestion: `write ${what}${instead}; ${help}` }
}

function quoted({ source, start, end }: ScalarNode): Remedy {
  const replacement = `"${source.text.slice(start, end)}"`
  return { suggestion: `quote it: ${replacement}`, replacement }
}

function isNothing(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

function faultOf({ read }: SettingSpec, text: string): string | undefined {
  try {
    read(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

type Type = 'string' | 'number' | 'list'

const WORDS: Readonly<Record<Type, string>> = { string: 'text', number: 'a number', list: 'a list' }

const TYPES: Readonly<Record<Notation, readonly Type[]>> = {
  text: ['string'],
  path: ['string'],
  number: ['number'],
  quantity: ['string', 'number'],
  list: ['list', 'string'],
}

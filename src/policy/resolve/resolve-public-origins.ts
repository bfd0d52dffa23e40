import { itemsOf, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import { resolvePattern } from './resolve-origin.js'

/** Resolves `publicOrigins`: whole http and https origins, because each is compared with an Origin header. */
export function resolvePublicOrigins(list: YamlNode | undefined, problems: ProblemList): readonly string[] {
  const origins = new Set<string>()
  for (const node of itemsOf(list)) {
    const text = textOf(node)
    const pattern = text === undefined ? undefined : resolvePattern(node, text, problems)
    if (text === undefined || pattern === undefined) continue
    if (pattern.kind === 'exact' && (pattern.scheme === 'http' || pattern.scheme === 'https')) {
      origins.add(text)
      continue
    }
    problems.error('public-origin', node, `\`${text}\` is not one http or https origin`, {
      suggestion: 'list each origin under which browsers know this gateway',
    })
  }
  return [...origins]
}

import {
  isCorsResponseHeader,
  isForbiddenRequestHeader,
  isForbiddenResponseHeader,
} from '../../cors/header-name.js'
import { isToken } from '../../syntax/token.js'
import { itemsOf, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemCode } from '../problems/problem-codes.js'
import type { ProblemList } from '../problems/problem-list.js'

export interface ResolvedHeaders {
  /** Lower case, each once, without `*`. */
  readonly names: readonly string[]
  /** True where `*` is among them. */
  readonly any: boolean
}

/** Resolves `allowHeaders`: what scripts can set at all. */
export function resolveAllowHeaders(
  list: YamlNode | undefined,
  credentials: boolean,
  problems: ProblemList,
): ResolvedHeaders {
  return resolveNames(list, credentials, problems, 'any-header-with-credentials', (node, name) => {
    // Before the forbidden ones: whoever writes Access-Control-Allow-Origin here has mistaken the direction.
    if (isCorsResponseHeader(name) && !isForbiddenRequestHeader(name)) {
      problems.error(
        'header-cors-response',
        node,
        `\`${name}\` is a header of responses, and Crossgate writes it`,
        { suggestion: 'remove it' },
      )
    } else if (isForbiddenRequestHeader(name)) {
      problems.error('header-forbidden', node, `no script can set \`${name}\`: Fetch forbids it`, {
        suggestion: 'remove it',
      })
    } else {
      return true
    }
    return false
  })
}

/** Resolves `exposeHeaders`: what scripts can read at all. */
export function resolveExposeHeaders(
  list: YamlNode | undefined,
  credentials: boolean,
  problems: ProblemList,
): ResolvedHeaders {
  return resolveNames(list, credentials, problems, 'any-expose-with-credentials', (node, name) => {
    if (isForbiddenResponseHeader(name)) {
      problems.error('expose-forbidden', node, `no script can read \`${name}\`: Fetch forbids it`, {
        suggestion: 'remove it',
      })
    } else if (isCorsResponseHeader(name) || name.toLowerCase() === 'origin') {
      problems.error(
        'expose-cors-header',
        node,
        `\`${name}\` belongs to CORS itself, and scripts have no use for it`,
        { suggestion: 'remove it' },
      )
    } else {
      return true
    }
    return false
  })
}

function resolveNames(
  list: YamlNode | undefined,
  credentials: boolean,
  problems: ProblemList,
  anyCode: ProblemCode,
  isUsable: (node: YamlNode, name: string) => boolean,
): ResolvedHeaders {
  const names = new Set<string>()
  let any = false
  for (const node of itemsOf(list)) {
    const name = textOf(node)
    if (name === undefined) continue
    if (name === '*') {
      any = true
      if (credentials) {
        problems.error(anyCode, node, 'with credentials, browsers take `*` for the name of a header', {
          suggestion: 'list the headers',
        })
      }
    } else if (!isToken(name)) {
      problems.error('header-token', node, `\`${name}\` is not a header name`, {
        suggestion: 'write one name per entry, such as [content-type]',
      })
    } else if (isUsable(node, name)) {
      names.add(name.toLowerCase())
    }
  }
  return { names: [...names], any }
}

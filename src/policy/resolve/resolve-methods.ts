import { METHODS } from 'node:http'
import { isForbiddenMethod } from '../../cors/method.js'
import { isToken } from '../../syntax/token.js'
import { itemsOf, scalarText, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'

export interface ResolvedMethods {
  readonly allowMethods: readonly string[]
  readonly anyMethod: boolean
}

/** Resolves `allowMethods`: byte-exact, each once, and only what a browser can send and this server can receive. */
export function resolveMethods(
  list: YamlNode | undefined,
  credentials: boolean,
  problems: ProblemList,
): ResolvedMethods {
  const methods = new Set<string>()
  const items = itemsOf(list)
  let anyMethod = false
  for (const node of items) {
    const method = textOf(node)
    if (method === '*') {
      anyMethod = true
      checkStar(node, items.length, credentials, problems)
    } else if (method !== undefined && isUsable(node, method, problems)) {
      methods.add(method)
    }
  }
  return { allowMethods: [...methods], anyMethod }
}

function checkStar(node: YamlNode, length: number, credentials: boolean, problems: ProblemList): void {
  if (length > 1) {
    problems.error('any-method-not-alone', node, '`*` stands alone: beside it nothing else has a meaning', {
      suggestion: 'remove `*`, or everything else',
    })
  }
  if (credentials) {
    problems.error(
      'any-method-with-credentials',
      node,
      'with credentials, browsers take `*` for the name of a method',
      {
        suggestion: 'list the methods, such as [GET, POST]',
      },
    )
  }
}

function isUsable(node: YamlNode, method: string, problems: ProblemList): boolean {
  if (!isToken(method)) {
    problems.error('method-token', node, `\`${method}\` is not a method name`, {
      suggestion: 'write one method per entry, such as [GET, POST]',
    })
  } else if (isForbiddenMethod(method)) {
    problems.error('method-forbidden', node, `no browser sends \`${method}\`: Fetch forbids it`, {
      suggestion: 'remove it',
    })
  } else if (RECEIVABLE.has(method)) {
    return true
  } else if (RECEIVABLE.has(method.toUpperCase())) {
    const meant = method.toUpperCase()
    problems.error(
      'method-case',
      node,
      `methods are compared byte for byte, and \`${method}\` is not \`${meant}\``,
      {
        suggestion: `write \`${meant}\``,
        replacement: scalarText(node, meant),
      },
    )
  } else {
    problems.error(
      'method-unreceivable',
      node,
      `the HTTP parser knows no method \`${method}\`, so no request could use it`,
      {
        suggestion: 'remove it, or use a registered method',
      },
    )
  }
  return false
}

const RECEIVABLE: ReadonlySet<string> = new Set(METHODS)

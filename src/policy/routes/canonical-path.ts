import { parseTarget, type TargetFault } from '../../http/target.js'
import { scalarText, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemCode } from '../problems/problem-codes.js'
import type { ProblemList, Remedy } from '../problems/problem-list.js'

/** A path and the scalar that holds it, perhaps after something else (the origin of a url). */
export interface PathText {
  readonly node: YamlNode
  readonly before: string
  readonly path: string
}

/**
 * True for a path as requests are compared. The judge is the parser that requests meet: a path that it would refuse
 * or rewrite could never match.
 */
export function isCanonicalPath(text: PathText, problems: ProblemList): boolean {
  const { node, path } = text
  const { target, fault } = parseTarget(path)
  if (fault !== undefined) {
    reportFault(text, fault, problems)
  } else if (target.query !== '') {
    reportQuery(node, problems)
  } else if (target.bareSegments !== target.segments) {
    problems.error(
      'path-parameter',
      node,
      'a `;` in a path is read in two ways, so requests with it can be refused',
      {
        suggestion: 'match the segment with `*`, or remove what follows the `;`',
      },
    )
  } else if (target.path !== path) {
    const message = `\`${path}\` is not percent-encoded the one way in which requests are compared`
    problems.error('path-encoding', node, message, writeInstead(text, target.path))
  } else {
    return true
  }
  return false
}

/** True for a path to put before another: canonical and without a trailing slash, or `/` itself. */
export function isPathPrefix(text: PathText, problems: ProblemList): boolean {
  const { node, path } = text
  if (!isCanonicalPath(text, problems)) return false
  if (path === '/' || !path.endsWith('/')) return true
  const message = `\`${path}\` ends with a slash, which the path after it brings anyway`
  problems.error('path-trailing-slash', node, message, writeInstead(text, path.slice(0, -1)))
  return false
}

function reportFault(text: PathText, fault: TargetFault, problems: ProblemList): void {
  const { node, path } = text
  if (fault === 'fragment') {
    reportQuery(node, problems)
  } else if (fault === 'control-or-non-ascii') {
    const message = 'a path has only printable ASCII, and everything else percent-encoded'
    problems.error('path-encoding', node, message, writeInstead(text, path.replace(UNENCODED, encode)))
  } else {
    const { code, sentence, suggestion } = FAULTS[fault]
    const isRelative = fault === 'not-origin-form' && /^[\w.~-]/.test(path) && !path.includes('://')
    const remedy = isRelative ? writeInstead(text, `/${path}`) : { suggestion }
    problems.error(code, node, `\`${path}\` ${sentence}`, remedy)
  }
}

function reportQuery(node: YamlNode, problems: ProblemList): void {
  problems.error('path-query', node, 'a path has no query and no fragment: routes are chosen by path alone', {
    suggestion: 'remove what follows the path',
  })
}

function writeInstead({ node, before }: PathText, path: string): Remedy {
  return { suggestion: `write \`${before}${path}\``, replacement: scalarText(node, `${before}${path}`) }
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase().replace(/../g, '%$&')
}

const UNENCODED = /[^\x21-\x7e]+/g

interface FaultText {
  readonly code: ProblemCode
  readonly sentence: string
  readonly suggestion: string
}

const FAULTS: Readonly<Record<Exclude<TargetFault, 'fragment' | 'control-or-non-ascii'>, FaultText>> = {
  'not-origin-form': {
    code: 'path-not-absolute',
    sentence: 'does not start with `/`',
    suggestion: 'start it with `/`; hosts go into `hosts`',
  },
  backslash: {
    code: 'path-separator',
    sentence: 'has a backslash, which some servers take for a slash',
    suggestion: 'use `/`',
  },
  'encoded-separator': {
    code: 'path-separator',
    sentence: 'has an encoded slash, backslash or control byte, and requests with one are refused',
    suggestion: 'remove it',
  },
  'bad-percent': {
    code: 'path-encoding',
    sentence: 'has a `%` that no two hex digits follow',
    suggestion: 'write a literal percent sign as `%25`',
  },
  'double-encoding': {
    code: 'path-encoding',
    sentence: 'is encoded twice, and requests with such a path are refused',
    suggestion: 'encode it once',
  },
  'dot-segment': {
    code: 'path-dot-segment',
    sentence: 'has a dot segment, and requests with one are refused',
    suggestion: 'write the path that it stands for',
  },
  'empty-segment': {
    code: 'path-empty-segment',
    sentence: 'has an empty segment, and requests with one are refused',
    suggestion: 'write single slashes',
  },
  'path-parameter': {
    code: 'path-parameter',
    sentence: 'has a `;`, which is read in two ways',
    suggestion: 'remove what follows the `;`',
  },
}

import type { Remedy } from '../problems/problem-list.js'
import type { Span } from '../problems/source.js'
import type { FileKind } from '../schema/file-kind.js'
import { keysAt } from '../schema/schema-at.js'
import { exampleValue, requiredKeys } from './example-text.js'
import { type ScalarNode, scalarText, type YamlNode } from './yaml-tree.js'

/** What a value of the wrong type should have been. */
export interface MistypedValue {
  readonly node: YamlNode
  /** Of the field, where it is one. */
  readonly key: Span | undefined
  readonly path: readonly PropertyKey[]
  readonly wanted: 'text' | 'true or false' | 'a list' | string | undefined
}

/** How to write a value of the type that is wanted. Only what the author's words mean is suggested, as text to paste. */
export function typeRemedy({ node, key, path, wanted }: MistypedValue, kind: FileKind): Remedy {
  if (node.kind === 'map') return wanted === 'a list' ? listRemedy(node, key) : {}
  if (wanted === 'a map') return mapRemedy(node, path, kind)
  if (node.kind !== 'scalar') return {}
  const written = node.source.text.slice(node.start, node.end)
  if (wanted === 'text' && written === String(node.value)) {
    // Quoted it would be refused, too, and for its own reason.
    return node.value === null && holdsOrigin(path)
      ? {
          suggestion:
            'remove it; the origin `null` is that of every sandboxed frame, and `"null"` needs `dangerouslyAllowNullOrigin`',
        }
      : { suggestion: `quote it: "${written}"`, replacement: `"${written}"` }
  }
  if (wanted === 'true or false') return booleanRemedy(node.value, written)
  return wanted === 'a list' ? itemsRemedy(node, path, kind) : {}
}

/** A text where a list belongs holds its entries, and none of ours holds a comma or a space. */
function itemsRemedy(node: ScalarNode, path: readonly PropertyKey[], kind: FileKind): Remedy {
  const inner = exampleValue([...path, 0], kind)
  if (inner !== '…') return { suggestion: `write a list: [${inner}]` }
  if (typeof node.value !== 'string') return {}
  const entries = node.value.split(/[\s,]+/).filter(entry => entry !== '')
  if (entries.length === 0) return {}
  return { suggestion: `write it as a list: [${entries.map(entry => scalarText(node, entry)).join(', ')}]` }
}

/** What stands there is the value of the only key that the map needs; else its keys are told. */
function mapRemedy(node: YamlNode, path: readonly PropertyKey[], kind: FileKind): Remedy {
  const [only, another] = requiredKeys(path, kind)
  if (
    only !== undefined &&
    another === undefined &&
    node.kind === 'scalar' &&
    typeof node.value === 'string'
  ) {
    const replacement = `{ ${only}: ${scalarText(node, node.value)} }`
    return { suggestion: `write ${replacement}`, replacement }
  }
  const example = exampleValue(path, kind)
  return {
    suggestion:
      example === '…' ? `write a map; its keys are ${keysAt(path, kind).join(', ')}` : `write ${example}`,
  }
}

/** What is right but for its quotes. */
export function unquoted(word: string): Remedy {
  return { suggestion: `write ${word} without quotes`, replacement: word }
}

function booleanRemedy(value: string | number | boolean | null, written: string): Remedy {
  if (value === 'true' || value === 'false') return unquoted(value)
  const meant = WORDS.get(String(value).toLowerCase())
  if (meant === undefined) return { suggestion: 'write true or false' }
  return { suggestion: `write ${meant}: \`${written}\` is no truth value in YAML 1.2`, replacement: meant }
}

/** One entry of a list, without its dash. */
function listRemedy({ source, start, end }: Span, key: Span | undefined): Remedy {
  const written = source.text.slice(start, end)
  if (written.startsWith('{')) {
    const suggestion = 'write it as a list: [{ … }]'
    return written.includes('\n') ? { suggestion } : { suggestion, replacement: `[${written}]` }
  }
  const suggestion = 'write it as a list: put `- ` before its first key'
  const lineStart = source.text.lastIndexOf('\n', start - 1) + 1
  const keyStart = key === undefined ? start : key.start - source.text.lastIndexOf('\n', key.start) - 1
  // In the place of two spaces, so that the keys below it stay where they are.
  const fits = /^ *$/.test(source.text.slice(lineStart, start)) && start - lineStart >= keyStart + 2
  return fits
    ? { suggestion, replacement: '- ', replacementAt: source.position(start - 2, start) }
    : { suggestion }
}

function holdsOrigin(path: readonly PropertyKey[]): boolean {
  return path.at(-1) === 'origin' || path.at(-2) === 'allowOrigins' || path[0] === 'origins'
}

/** What YAML 1.1 and other tools take for true and false. */
const WORDS = new Map([
  ['yes', 'true'],
  ['on', 'true'],
  ['y', 'true'],
  ['1', 'true'],
  ['no', 'false'],
  ['off', 'false'],
  ['n', 'false'],
  ['0', 'false'],
])

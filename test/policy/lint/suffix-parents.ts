import { createRequire } from 'node:module'
import { isPublicSuffix } from '../../../src/policy/resolve/public-suffix.js'

interface Trie {
  readonly nodeFlags: Uint8Array
  readonly edgeStart: Uint16Array
  readonly edgeLength: Uint8Array
  readonly edgeChild: Uint16Array
  readonly labelText: string
  readonly rulesRoot: number
}

/** The text of `src/policy/lint/shared-suffix-parents.ts`, from the public suffix list that tldts carries inside. */
export function suffixParentsModule(): string {
  const parents = new Map<string, string>()
  for (const suffix of publicSuffixes().sort(byLength)) {
    const labels = suffix.split('.')
    for (let at = 1; at < labels.length; at++) {
      const parent = labels.slice(at).join('.')
      if (!isPublicSuffix(parent) && !parents.has(parent)) parents.set(parent, labels.slice(0, at).join('.'))
    }
  }
  const words = [...parents]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([parent, below]) => `${parent}>${below}`)
  const lines = ['']
  for (const word of words) {
    if ((lines.at(-1) as string).length + word.length > 104) lines.push('')
    lines.push(`${lines.pop()} ${word}`.trimStart())
  }
  return `/**
 * Hosts that are no public suffix but have one below them, and which (PARENT>REST): names that anyone can register are
 * among theirs. Written by \`UPDATE_SUFFIXES=1 tap test/policy/lint/lint.test.ts\` from the list that tldts carries.
 */
export const SHARED_SUFFIX_PARENTS = \`
${lines.join('\n')}
\`
`
}

function publicSuffixes(): string[] {
  const trie = createRequire(import.meta.url)('tldts/dist/cjs/src/data/trie.js') as Trie
  const offsets: number[] = []
  let offset = 0
  for (const length of trie.edgeLength) {
    offsets.push(offset)
    offset += length
  }
  const found: string[] = []
  const walk = (node: number, name: string): void => {
    for (let edge = trie.edgeStart[node] as number; edge < (trie.edgeStart[node + 1] as number); edge++) {
      const start = offsets[edge] as number
      const label = trie.labelText.slice(start, start + (trie.edgeLength[edge] as number))
      const full = name === '' ? label : `${label}.${name}`
      const child = trie.edgeChild[edge] as number
      if (trie.nodeFlags[child] !== 0 && /^[\x21-\x7e]+$/.test(full)) found.push(full)
      walk(child, full)
    }
  }
  walk(trie.rulesRoot, '')
  return found
}

function byLength(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

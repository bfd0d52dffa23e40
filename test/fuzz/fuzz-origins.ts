import type { Test } from 'tap'
import { findEntry } from '../../src/cors/find-rule.js'
import { parseOriginPattern } from '../../src/cors/origins/origin-pattern.js'
import { OriginSet } from '../../src/cors/origins/origin-set.js'
import { oracleHolds } from '../cors/oracle.js'
import { packOrigins } from '../helpers/pack-origins.js'
import { mutate, pick, randomFrom, readSeeds } from './mutate.js'

/**
 * Mutated allowlists against mutated origins: whatever the policy takes for a pattern, the compiled set and an oracle
 * written apart from it must agree on whom it holds.
 */
export function fuzzOrigins(t: Test, seconds: number, seed: number): { tried: number; held: number } {
  const seeds = readSeeds('origins').map(text => {
    const [patterns = '', origins = ''] = text.split('\n\n')
    return { patterns: patterns.split('\n'), origins: origins.trimEnd().split('\n') }
  })
  const random = randomFrom(seed)
  const end = performance.now() + seconds * 1000
  let [tried, held] = [0, 0]
  while (performance.now() < end) {
    const { patterns, origins } = pick(seeds, random)
    const texts = patterns
      .map(text => (random() < 0.4 ? mutate(text, DICTIONARY, random) : text))
      .filter(isPattern)
    const set = setOf(texts)
    // From a pattern too, or hardly a mutated one would hold anything.
    const asked = [...origins, ...texts.map(text => text.replace('*.', 'a.').replace(':*', ':1'))]
    for (let round = 0; round < 200; round++, tried++) {
      const given = pick(asked, random)
      const origin = random() < 0.2 ? given : mutate(given, DICTIONARY, random)
      const mine = holdsOf(set, origin)
      if (mine) held++
      // The cap is the gateway's own (docs/limits.md).
      const theirs = origin.length <= LONGEST_ORIGIN && texts.some(text => oracleHolds(text, origin))
      if (mine === theirs) continue
      t.fail(
        `${JSON.stringify(origin)} in ${JSON.stringify(texts)}: ${mine}, the oracle says ${theirs}`.slice(
          0,
          2000,
        ),
      )
      return { tried, held }
    }
  }
  return { tried, held }
}

/** The set of these patterns as a policy would have it. */
export function setOf(texts: readonly string[]): OriginSet {
  const entries = [...new Set(texts)].flatMap(text => {
    const result = parseOriginPattern(text)
    return 'pattern' in result ? [{ text, pattern: result.pattern, position: NOWHERE }] : []
  })
  return new OriginSet(packOrigins(entries))
}

/** Whether a set holds an Origin header. */
export function holdsOf(set: OriginSet, header: string): boolean {
  return findEntry([set], header, Date.now()) !== undefined
}

// `*` and `null` are words of a rule and no origins of a set.
function isPattern(text: string): boolean {
  return text.includes('://') && 'pattern' in parseOriginPattern(text)
}

const LONGEST_ORIGIN = 4096
const NOWHERE = { file: 'policy.yaml', line: 1, column: 1, endColumn: 2 }

const DICTIONARY = [
  '.',
  '..',
  '*',
  '*.',
  ':*',
  ':',
  ':443',
  ':80',
  ':0',
  ':65535',
  ':65536',
  ':8443',
  ':1e3',
  ':+1',
  '/',
  '//',
  '://',
  '\\',
  '@',
  '#',
  '?',
  '%2e',
  '%00',
  '\0',
  ' ',
  '\t',
  '\r\n',
  ',',
  ';',
  '_',
  '-',
  'xn--',
  'a',
  'A',
  '[',
  ']',
  '::1',
  '[::1]',
  '127.0.0.1',
  '0x7f.1',
  '2130706433',
  'localhost',
  'https',
  'http',
  'null',
  'blob:',
  'file://',
  'evil.example',
  '.evil.example',
  'example',
  '\u00ad',
  '\u3002',
  '\xff',
  'ß',
  '__proto__',
  'a'.repeat(64),
  'a.'.repeat(130),
  'a'.repeat(4096),
]

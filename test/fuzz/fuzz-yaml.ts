import type { Test } from 'tap'
import { PROBLEM_CODES } from '../../src/policy/problems/problem-codes.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { fuzzTexts, type Tally, type Target } from './fuzz-texts.js'

const CODES: ReadonlySet<string> = new Set(PROBLEM_CODES)

/**
 * Mutated policy files: each is accepted or refused with at least one problem that has a code and a place, and never
 * throws. Nor may one cost much: a policy comes from a repository that many can write to.
 */
export function fuzzYaml(t: Test, seconds: number, seed: number): Tally {
  const target: Target<ReturnType<typeof resolvePolicy>> = {
    kind: 'yaml',
    dictionary: DICTIONARY,
    read: text => resolvePolicy([{ file: 'policy.yaml', text }]),
    taken: ({ policy }) => policy !== undefined,
    fault({ policy, problems }) {
      if (policy !== undefined) return undefined
      if (problems.length === 0) return 'refused without a problem'
      return problems.every(({ code, line }) => CODES.has(code) && line > 0)
        ? undefined
        : 'a problem without a place, or with a code that no list has'
    },
  }
  return fuzzTexts(t, target, seconds, seed)
}

const DICTIONARY = [
  '\n',
  '\n  ',
  ' ',
  '\t',
  ':',
  ': ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '#',
  '&a ',
  '*a',
  '&a [*a]',
  '!!js/function ',
  '!!binary ',
  '|',
  '>',
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '<<: *a',
  '*',
  '"*"',
  'null',
  '~',
  'true',
  'yes',
  '1e999',
  '-1',
  '0x10',
  '.inf',
  '.nan',
  '__proto__: {}',
  'constructor',
  'version: 1',
  'version: 2',
  'routes:',
  'allowCredentials: true',
  'https://',
  'http://x',
  'https://*.com',
  'https://*.example:*',
  '/**',
  '/a/../b',
  '%2e',
  '\\',
  '\u0000',
  '\ufeff',
  '\u2028',
  '\ud800',
  'a'.repeat(3000),
  '[['.repeat(300),
  '- '.repeat(300),
]

import type { Test } from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { mutate, pick, randomFrom, readSeeds } from './mutate.js'

/**
 * Mutated policy files: each is accepted or refused with at least one problem that has a code and a place, and never
 * throws. Nor may one cost much: a policy comes from a repository that many can write to.
 */
export function fuzzYaml(
  t: Test,
  seconds: number,
  seed: number,
): { tried: number; accepted: number; slowest: number } {
  const seeds = readSeeds('yaml')
  const random = randomFrom(seed)
  const end = performance.now() + seconds * 1000
  let [tried, accepted, slowest] = [0, 0, 0]
  while (performance.now() < end) {
    const text = mutate(pick(seeds, random), DICTIONARY, random)
    const started = performance.now()
    try {
      const { policy, problems } = resolvePolicy([{ file: 'policy.yaml', text }])
      if (policy !== undefined) accepted++
      else if (problems.length === 0) t.fail('refused without a problem', { text })
      else if (!problems.every(({ code, line }) => code !== '' && line > 0))
        t.fail('a problem without a place', { text })
    } catch (error) {
      t.fail('a policy may be refused, never throw', { text, error })
    }
    slowest = Math.max(slowest, performance.now() - started)
    tried++
  }
  return { tried, accepted, slowest }
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

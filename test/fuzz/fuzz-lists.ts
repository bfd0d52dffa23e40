import type { Test } from 'tap'
import { parseHeaderNames } from '../../src/cors/header-name.js'
import { mutate, pick, randomFrom, readSeeds } from './mutate.js'

/**
 * Mutated values of Access-Control-Request-Headers: what is read must be what a slow and simple reader finds, and cost
 * next to nothing.
 */
export function fuzzLists(
  t: Test,
  seconds: number,
  seed: number,
): { tried: number; read: number; slowest: number } {
  const seeds = readSeeds('lists')
  const random = randomFrom(seed)
  const end = performance.now() + seconds * 1000
  let [tried, read, slowest] = [0, 0, 0]
  for (; performance.now() < end; tried++) {
    const list = mutate(pick(seeds, random), DICTIONARY, random)
    const started = performance.now()
    const names = parseHeaderNames(list)
    slowest = Math.max(slowest, performance.now() - started)
    if (names !== undefined) read++
    const expected = readSlowly(list)
    if (JSON.stringify(names) === JSON.stringify(expected)) continue
    t.fail(`${JSON.stringify(list)}: ${names}, the oracle says ${expected}`)
    break
  }
  return { tried, read, slowest }
}

// RFC 9110 sections 5.6.1 to 5.6.3, one character after the other.
function readSlowly(list: string): string[] | undefined {
  if (list.length > 4096) return undefined
  const names: string[] = []
  let [name, ended] = ['', false]
  for (const character of [...list, ',']) {
    if (character === ',') {
      if (name !== '' && !names.includes(name)) names.push(name)
      name = ''
      ended = false
    } else if (character === ' ' || character === '\t') ended = name !== ''
    else if (ended || !TOKEN.includes(character)) return undefined
    else name += character.toLowerCase()
  }
  return names.length > 64 ? undefined : names
}

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

const DICTIONARY = [
  ',',
  ', ',
  ' ,',
  ',,',
  ' ',
  '\t',
  ',\t,',
  '\r\n',
  '\n',
  '\v',
  '\0',
  '\u00a0',
  '\u2028',
  '"',
  '"a,b"',
  ';',
  ':',
  '=',
  '(',
  '/',
  '*',
  'x-a',
  'X-A',
  'n1',
  'n63',
  'authorization',
  '__proto__',
  'constructor',
  'İ',
  'ſ',
  'K',
  '\xff',
  ','.repeat(300),
  ' '.repeat(300),
  'a,'.repeat(100),
  Array.from({ length: 70 }, (_, index) => `m${index}`).join(','),
  'a'.repeat(2000),
  'a'.repeat(4096),
]

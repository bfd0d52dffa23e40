import type { Test } from 'tap'
import { parseHeaderNames } from '../../src/cors/header-name.js'
import { fuzzTexts, type Tally, type Target } from './fuzz-texts.js'

/**
 * Mutated values of Access-Control-Request-Headers: what is read must be what a slow and simple reader finds, and cost
 * next to nothing.
 */
export function fuzzLists(t: Test, seconds: number, seed: number): Tally {
  const target: Target<readonly string[] | undefined> = {
    kind: 'lists',
    dictionary: DICTIONARY,
    read: parseHeaderNames,
    taken: names => names !== undefined,
    fault(names, list) {
      const expected = readSlowly(list)
      return JSON.stringify(names) === JSON.stringify(expected)
        ? undefined
        : `read ${names}, the oracle says ${expected}`
    },
  }
  return fuzzTexts(t, target, seconds, seed)
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

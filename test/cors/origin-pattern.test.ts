import fc from 'fast-check'
import t from 'tap'
import { findEntry } from '../../src/cors/find-rule.js'
import { isAddressHost, isLoopbackHost } from '../../src/cors/origins/host-kind.js'
import { parseOrigin } from '../../src/cors/origins/origin.js'
import { parseOriginPattern } from '../../src/cors/origins/origin-pattern.js'
import type { PatternErrorCode } from '../../src/cors/origins/pattern-error.js'
import { isPlainOrigin } from '../../src/cors/origins/plain-origin.js'
import { originSet, TODAY } from './policy.js'

// RFC 1035 section 2.3.4, as it is written.
const LONGEST_HOST = `${'a.'.repeat(123)}example`

t.test('patterns', async t => {
  const exact = (text: string, scheme: string, host: string) =>
    [text, { kind: 'exact', text, scheme, host }] as const
  const wildcard = (text: string, scheme: string, host: string, subdomains: boolean, port: string) =>
    [text, { kind: 'wildcard', scheme, host, subdomains, port }] as const
  const rows = [
    ['*', { kind: 'any' }],
    ['null', { kind: 'null' }],
    exact('https://shop.example', 'https', 'shop.example'),
    exact('https://shop.example:8443', 'https', 'shop.example'),
    exact('http://localhost:3000', 'http', 'localhost'),
    exact('http://127.0.0.1', 'http', '127.0.0.1'),
    exact('https://[2001:db8::1]:8443', 'https', '[2001:db8::1]'),
    exact('capacitor://localhost', 'capacitor', 'localhost'),
    exact('https://xn--bcher-kva.example', 'https', 'xn--bcher-kva.example'),
    exact('https://0x.example', 'https', '0x.example'),
    exact('https://1.example', 'https', '1.example'),
    wildcard('https://*.shop.example', 'https', 'shop.example', true, ''),
    wildcard('https://*.shop.example:8443', 'https', 'shop.example', true, '8443'),
    wildcard('https://*.shop.example:*', 'https', 'shop.example', true, '*'),
    wildcard('http://localhost:*', 'http', 'localhost', false, '*'),
    wildcard('http://*.localhost:*', 'http', 'localhost', true, '*'),
    wildcard('http://[::1]:*', 'http', '[::1]', false, '*'),
    wildcard('https://*.com', 'https', 'com', true, ''),
    exact(`https://${LONGEST_HOST}`, 'https', LONGEST_HOST),
    exact(`https://${'a'.repeat(63)}.example`, 'https', `${'a'.repeat(63)}.example`),
  ] as const
  for (const [text, pattern] of rows) t.strictSame(parseOriginPattern(text), { pattern }, text)
})

const REFUSED: readonly [text: string, code: PatternErrorCode, spelling?: string][] = [
  ['', 'origin-empty'],
  [' https://shop.example', 'origin-whitespace', 'https://shop.example'],
  ['https://shop.example\n', 'origin-whitespace', 'https://shop.example'],
  [' null ', 'origin-whitespace', 'null'],
  [' https://Shop.example/ ', 'origin-whitespace', 'https://shop.example'],
  ['https://a.example, https://b.example', 'origin-list'],
  ['https://a.example https://b.example', 'origin-list'],
  ['https://a.example;https://b.example', 'origin-list'],
  ['https://b\u00fccher.example', 'origin-unicode', 'https://xn--bcher-kva.example'],
  ['https://*.b\u00fccher.example:8443', 'origin-unicode', 'https://*.xn--bcher-kva.example:8443'],
  ['https://b\u00fccher.example/', 'origin-unicode', 'https://xn--bcher-kva.example'],
  ['HTTPS://B\u00fccher.example', 'origin-unicode', 'https://xn--bcher-kva.example'],
  ['https://b\u00fccher.example:443', 'origin-unicode', 'https://xn--bcher-kva.example'],
  ['https://\u00fc@evil.example', 'origin-unicode'],
  ['shop.example', 'origin-scheme-missing', 'https://shop.example'],
  ['Shop.example', 'origin-scheme-missing', 'https://shop.example'],
  ['*.shop.example', 'origin-scheme-missing', 'https://*.shop.example'],
  ['localhost:3000', 'origin-scheme-missing', 'https://localhost:3000'],
  ['shop.example/x', 'origin-scheme-missing'],
  ['//shop.example', 'origin-scheme-missing'],
  ['https:/shop.example', 'origin-scheme-missing'],
  ['NULL', 'origin-scheme-missing', 'https://null'],
  ['**', 'origin-scheme-missing'],
  ['*://shop.example', 'origin-scheme'],
  ['://shop.example', 'origin-scheme'],
  ['1s://shop.example', 'origin-scheme'],
  ['/^https:\\/\\/.*\\.shop\\.example$/i', 'origin-wildcard'],
  ['^https://shop.example', 'origin-wildcard'],
  ['https://.*.shop.example', 'origin-wildcard'],
  ['https://shop\\.example', 'origin-wildcard'],
  ['ws://shop.example:8080', 'origin-scheme', 'http://shop.example:8080'],
  ['wss://*.shop.example/', 'origin-scheme', 'https://*.shop.example'],
  ['ftp://shop.example', 'origin-scheme', 'https://shop.example'],
  ['ht_tps://shop.example', 'origin-scheme'],
  ['https*://shop.example', 'origin-scheme'],
  ['file:///etc', 'origin-file'],
  ['FILE:///etc', 'origin-upper-case'],
  ['https://user@shop.example', 'origin-userinfo', 'https://shop.example'],
  ['https://user:pass@shop.example:443/x', 'origin-userinfo', 'https://shop.example'],
  ['https://user@', 'origin-userinfo'],
  ['https://shop.example/', 'origin-trailing-slash', 'https://shop.example'],
  ['https://*.shop.example/', 'origin-trailing-slash', 'https://*.shop.example'],
  ['https://shop.example/x', 'origin-path', 'https://shop.example'],
  ['https://shop.example?x', 'origin-path', 'https://shop.example'],
  ['https://shop.example#x', 'origin-path', 'https://shop.example'],
  ['https://shop.example\\x', 'origin-path', 'https://shop.example'],
  ['https:///x', 'origin-path'],
  ['https://Shop.example', 'origin-upper-case', 'https://shop.example'],
  ['HTTPS://shop.example', 'origin-upper-case', 'https://shop.example'],
  ['HTTPS://Shop.Example:443/', 'origin-upper-case', 'https://shop.example'],
  ['https://shop.example.', 'origin-trailing-dot', 'https://shop.example'],
  ['https://*.shop.example.:8443', 'origin-trailing-dot', 'https://*.shop.example:8443'],
  ['https://*', 'origin-wildcard'],
  ['https://*:*', 'origin-wildcard'],
  ['https://*.*.shop.example', 'origin-wildcard'],
  ['https://www.*.example', 'origin-wildcard'],
  ['https://*shop.example', 'origin-wildcard'],
  ['https://s*.example', 'origin-wildcard'],
  ['https://shop*.example', 'origin-wildcard'],
  ['https://shop.*', 'origin-wildcard'],
  ['https://*.127.0.0.1', 'origin-wildcard'],
  ['https://*.[::1]', 'origin-wildcard'],
  ['https://[*]', 'origin-wildcard'],
  ['https://shop.example:', 'origin-port'],
  ['https://shop.example:0', 'origin-port'],
  ['https://shop.example:08443', 'origin-port'],
  ['https://shop.example:65536', 'origin-port'],
  ['https://shop.example:84*', 'origin-port'],
  ['https://shop.example:http', 'origin-port'],
  ['https://shop.example:443', 'origin-default-port', 'https://shop.example'],
  ['http://shop.example:80', 'origin-default-port', 'http://shop.example'],
  ['https://*.shop.example:443', 'origin-default-port', 'https://*.shop.example'],
  ['http://127.1', 'origin-ip', 'http://127.0.0.1'],
  ['http://0x7f000001:8080', 'origin-ip', 'http://127.0.0.1:8080'],
  ['http://2130706433', 'origin-ip', 'http://127.0.0.1'],
  ['http://127.0.0.01', 'origin-ip', 'http://127.0.0.1'],
  ['http://256.0.0.1', 'origin-ip'],
  ['http://1.2.3.4.5', 'origin-ip'],
  ['http://shop.1', 'origin-ip'],
  ['https://[2001:db8:0::1]', 'origin-ip', 'https://[2001:db8::1]'],
  ['https://[::ffff:192.0.2.1]:1', 'origin-ip', 'https://[::ffff:c000:201]:1'],
  ['https://[::1', 'origin-ip'],
  ['https://[::1]x', 'origin-ip'],
  ['https://[::g]', 'origin-ip'],
  ['https://::1', 'origin-host'],
  ['https://a:1:2', 'origin-ip'],
  ['https://2001:db8::1', 'origin-ip'],
  ['https://', 'origin-host'],
  ['https://*.', 'origin-host'],
  ['https://:8443', 'origin-host'],
  ['https://.shop.example', 'origin-host'],
  ['https://shop..example', 'origin-host'],
  ['https://0x..example', 'origin-host'],
  ['https://0x!.example', 'origin-host'],
  ['https://sh!op.example', 'origin-host'],
  ['https://shop%2eexample', 'origin-host'],
  ['https://shop.example\x00', 'origin-host'],
  [`https://${'a'.repeat(64)}.example`, 'origin-host'],
  [`https://${LONGEST_HOST}a`, 'origin-host'],
  [`https://*.a${LONGEST_HOST}`, 'origin-host'],
  ['https://xn--a', 'origin-host'],
  ['https://constructor:__proto__', 'origin-port'],
]

t.test('refusals, with the right spelling where it is certain', async t => {
  for (const [text, code, spelling] of REFUSED) {
    const result = parseOriginPattern(text)
    if ('pattern' in result) {
      t.fail(`${JSON.stringify(text)} was accepted`)
      continue
    }
    t.equal(result.error.code, code, JSON.stringify(text))
    t.equal(result.error.spelling, spelling, `spelling of ${JSON.stringify(text)}`)
    t.match(result.error.message, /^[a-z`].*[^.]$/, 'a sentence without its period')
  }
})

t.test('every code has a case above', async t => {
  const every: Record<PatternErrorCode, true> = {
    'origin-empty': true,
    'origin-whitespace': true,
    'origin-list': true,
    'origin-unicode': true,
    'origin-scheme-missing': true,
    'origin-scheme': true,
    'origin-file': true,
    'origin-userinfo': true,
    'origin-trailing-slash': true,
    'origin-path': true,
    'origin-upper-case': true,
    'origin-trailing-dot': true,
    'origin-wildcard': true,
    'origin-port': true,
    'origin-default-port': true,
    'origin-ip': true,
    'origin-host': true,
  }
  t.strictSame(new Set(REFUSED.map(([, code]) => code)), new Set(Object.keys(every)))
})

const piece = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'https://',
      'shop',
      '.',
      'example',
      '*.',
      ':*',
      ':443',
      ':8443',
      'Shop',
      '/',
      '@',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ' ',
      'HTTP://',
      'file://',
      '*',
      'null',
      '[::1]',
      '[2001:DB8:0::1]',
      '127.1',
      '0x7f',
      '1',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\u00fc',
      '\u3002',
      'xn--',
      '?',
      '#',
      '\\',
      ',',
      ';',
      '%',
      '_',
      '!',
      ':',
      '0',
      '..',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
)
const start = fc.constantFrom('', '', 'https://', 'https://*.', 'capacitor://')
const written = fc
  .tuple(start, fc.array(piece, { maxLength: 7 }))
  .map(([first, pieces]) => first + pieces.join(''))

t.test('fuzz: a spelling, pasted, is a pattern', async t => {
  let spelled = 0
  fc.assert(
    fc.property(written, text => {
      const result = parseOriginPattern(text)
      if ('pattern' in result || result.error.spelling === undefined) return true
      spelled++
      return 'pattern' in parseOriginPattern(result.error.spelling)
    }),
    { numRuns: 20_000 },
  )
  t.ok(spelled > 500, `${spelled} spellings were tried`)
})

t.test('fuzz: a pattern can hold what it says, so that no entry is dead', async t => {
  let tried = 0
  fc.assert(
    fc.property(written, text => {
      const result = parseOriginPattern(text)
      if ('error' in result || result.pattern.kind === 'any' || result.pattern.kind === 'null') return true
      tried++
      const example = text.replace('*.', 'a.').replace(/:\*$/, '')
      // A name just short of 253 characters has no room for a label below it.
      if (example.length > 253) return true
      return findEntry([originSet([text])], example, TODAY) !== undefined
    }),
    { numRuns: 20_000 },
  )
  t.ok(tried > 200, `${tried} patterns were tried`)
})

t.test('hosts of this machine, and addresses', async t => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.255.0.9', '[::1]'])
    t.ok(isLoopbackHost(host), host)
  for (const host of [
    'localhost.example',
    'a.localhost.example',
    'xlocalhost',
    '128.0.0.1',
    '127.0.0.1.example',
    '[::2]',
    'x127.0.0.1',
    '127.1',
  ]) {
    t.notOk(isLoopbackHost(host), host)
  }
  for (const host of ['127.0.0.1', '192.0.2.1', '[::1]']) t.ok(isAddressHost(host), host)
  for (const host of ['localhost', '1.example', 'a1.2.3.4', '1.2.3.4.5']) t.notOk(isAddressHost(host), host)
})

t.test('a plain origin is spelled as browsers spell it', async () => {
  const label = fc.string({ unit: fc.constantFrom('a', 'z', '0', '9', '-', '_', 'x', 'n'), maxLength: 66 })
  const host = fc.array(label, { minLength: 1, maxLength: 5 }).map(labels => labels.join('.'))
  let plain = 0
  fc.assert(
    fc.property(fc.constantFrom('https://', 'http://', 'ftp://'), host, (scheme, host) => {
      const text = scheme + host
      if (!isPlainOrigin(text)) return true
      plain++
      return new URL(text).origin === text && parseOrigin(text)?.text === text
    }),
    { numRuns: 20_000 },
  )
  t.ok(plain > 1000, `${plain} were plain`)
  for (const text of [
    'https://xn--a.example',
    'https://a.1',
    'https://a.0x1',
    'https://a..b',
    'https://a.',
    `https://${'a.'.repeat(126)}aa`,
  ]) {
    t.notOk(isPlainOrigin(text), text)
  }
})

t.test('every exact entry can be asked for: its lookup parses no header', async () => {
  const part = fc.constantFrom(
    'a',
    'example',
    '.',
    '-',
    '_',
    ':',
    '8',
    '80',
    '[::1]',
    '127.0.0.1',
    'xn--',
    '*',
    'A',
    '/',
  )
  const text = fc
    .tuple(
      fc.constantFrom('https', 'http', 'capacitor', 'a+b.c-d'),
      fc.array(part, { minLength: 1, maxLength: 6 }),
    )
    .map(([scheme, parts]) => `${scheme}://${parts.join('')}`)
  let exact = 0
  fc.assert(
    fc.property(text, text => {
      const result = parseOriginPattern(text)
      if ('error' in result || result.pattern.kind !== 'exact') return true
      exact++
      return parseOrigin(text)?.text === text
    }),
    { numRuns: 20_000 },
  )
  t.ok(exact > 1000, `${exact} were exact`)
})

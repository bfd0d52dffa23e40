import fc from 'fast-check'
import t from 'tap'
import { findEntry, findRule } from '../../src/cors/find-rule.js'
import type { OriginEntry } from '../../src/cors/origins/origin-list.js'
import type { OriginSet } from '../../src/cors/origins/origin-set.js'
import { millisOf } from './cost.js'
import { oracleHolds } from './oracle.js'
import { originSet, TODAY } from './policy.js'

/** More for a soak: CROSSGATE_FUZZ_PAIRS=5000000 npx tap test/cors/origin-set.test.ts */
const PAIRS = Number(process.env['CROSSGATE_FUZZ_PAIRS'] ?? 40_000)

function holds(set: OriginSet, header: string, now = TODAY): OriginEntry | undefined {
  return findEntry([set], header, now)
}

function whyNot(set: OriginSet, header: string, now: number): string | undefined {
  const found = findRule([{ origins: [set], anyOrigin: false }], header, now)
  return found.rule === undefined ? found.reason : undefined
}

/** The texts in one list, and which origins it holds. */
function held(title: string, texts: readonly string[], yes: readonly string[], no: readonly string[]): void {
  t.test(title, async t => {
    const set = originSet(texts)
    for (const origin of yes) t.ok(holds(set, origin), `holds ${JSON.stringify(origin)}`)
    for (const origin of no) t.notOk(holds(set, origin), `does not hold ${JSON.stringify(origin)}`)
  })
}

held(
  'an exact origin holds itself, byte for byte',
  [
    'https://shop.example',
    'http://localhost:3000',
    'https://[2001:db8::1]',
    'http://192.0.2.1:8080',
    'capacitor://localhost',
  ],
  [
    'https://shop.example',
    'http://localhost:3000',
    'https://[2001:db8::1]',
    'http://192.0.2.1:8080',
    'capacitor://localhost',
  ],
  [
    // prefix and suffix
    'https://shop.example.evil.example',
    'https://shop.exampl',
    'https://evil-shop.example',
    'https://evilshop.example',
    'https://www.shop.example',
    'https://shop.example-evil.example',
    'https://shop.example_.evil.example',
    // dots that are no wildcard, and no dots
    'https://shopxexample',
    'https://shop-example',
    'https://shopexample',
    // scheme and port
    'http://shop.example',
    'ws://shop.example',
    'https+x://shop.example',
    'https://shop.example:443',
    'https://shop.example:8443',
    'https://shop.example:0',
    'https://shop.example:',
    'http://localhost',
    'http://localhost:30000',
    'http://localhost:300',
    'http://localhost:03000',
    'http://127.0.0.1:3000',
    'http://localhost.evil.example:3000',
    'capacitor://localhost:3000',
    'capacitor://localhost.evil.example',
    'ionic://localhost',
    // user info, path, query, fragment
    'https://shop.example@evil.example',
    'https://user@shop.example',
    'https://evil.example@shop.example',
    'https://shop.example:x@evil.example',
    'https://shop.example/',
    'https://shop.example/.evil.example',
    'https://evil.example/https://shop.example',
    'https://evil.example?https://shop.example',
    'https://evil.example#https://shop.example',
    'https://evil.example?shop.example',
    // case
    'https://SHOP.example',
    'HTTPS://shop.example',
    'https://shop.Example',
    // trailing and leading dots
    'https://shop.example.',
    'https://shop.example..',
    'https://.shop.example',
    'https://shop..example',
    // special characters that one browser or another lets into a host
    'https://shop.example`.evil.example',
    'https://shop.example{.evil.example',
    'https://shop.example}.evil.example',
    'https://shop.example!.evil.example',
    'https://shop.example&.evil.example',
    'https://shop.example$.evil.example',
    'https://shop.example%.evil.example',
    'https://shop.example%2eevil.example',
    'https://shop.example%60.evil.example',
    'https://shop.example\\.evil.example',
    'https://shop.example\\@evil.example',
    'https://shop.example;.evil.example',
    'https://shop.example,https://evil.example',
    'https://evil.example,https://shop.example',
    'https://evil.example https://shop.example',
    ' https://shop.example',
    'https://shop.example ',
    'https://shop.example\x00',
    'https://shop.example\r\n',
    'https://shop.example\t',
    'https:/shop.example',
    'https:shop.example',
    '//shop.example',
    'shop.example',
    'https://',
    '',
    'null',
    'NULL',
    '*',
    'file://',
    'https://*.shop.example',
    // other spellings of the same address
    'https://[2001:DB8::1]',
    'https://[2001:db8:0::1]',
    'https://[2001:0db8::1]',
    'http://192.0.2.01:8080',
    'http://192.0.513:8080',
    'http://0xc0000201:8080',
    'http://3221225985:8080',
  ],
)

held(
  'a wildcard holds one or more labels below its name, never the name',
  ['https://*.shop.example'],
  [
    'https://www.shop.example',
    'https://a.b.c.shop.example',
    'https://a_b.shop.example',
    'https://xn--bcher-kva.shop.example',
    'https://-.shop.example',
    'https://shop.example.shop.example',
  ],
  [
    'https://shop.example',
    'https://.shop.example',
    'https://..shop.example',
    'https://a..shop.example',
    'https://evilshop.example',
    'https://evil-shop.example',
    'https://wwwxshop.example',
    'https://www.shop.example.evil.example',
    'https://www.shop.examplf',
    'https://www.shopxexample',
    'https://www.shop.example.',
    'https://www.shop.example:443',
    'https://www.shop.example:8443',
    'http://www.shop.example',
    'wss://www.shop.example',
    'https://WWW.shop.example',
    'https://user@www.shop.example',
    'https://evil.example@www.shop.example',
    'https://evil.example/.shop.example',
    'https://evil.example?.shop.example',
    'https://evil.example#.shop.example',
    'https://evil.example\\.shop.example',
    'https://evil.example:1.shop.example',
    'https://evil.example%2f.shop.example',
    'https://evil.example`.shop.example',
    'https://evil.example{.shop.example',
    'https://evil.example!.shop.example',
    'https://evil.example~.shop.example',
    'https://evil.example=.shop.example',
    'https://evil.example".shop.example',
    "https://evil.example'.shop.example",
    'https://(.shop.example',
    'https://*.shop.example',
    'https://[::1].shop.example',
    'https://b\u00fccher.shop.example',
    'null',
  ],
)

held(
  'a wildcard with a port holds that port alone',
  ['https://*.shop.example:8443'],
  ['https://www.shop.example:8443'],
  [
    'https://www.shop.example',
    'https://www.shop.example:84430',
    'https://shop.example:8443',
    'https://www.shop.example:443',
  ],
)

held(
  'any port: the usual one too',
  ['http://localhost:*', 'https://[::1]:*'],
  [
    'http://localhost',
    'http://localhost:1',
    'http://localhost:65535',
    'http://localhost:0',
    'https://[::1]',
    'https://[::1]:8443',
  ],
  [
    'https://localhost:3000',
    'http://localhost:65536',
    'http://localhost:80',
    'http://localhost:*',
    'http://localhost:',
    'http://localhost:3000/',
    'http://localhost:3000:3000',
    'http://localhost:3000@evil.example',
    'http://localhost:evil.example',
    'http://a.localhost:3000',
    'http://localhost.evil.example:3000',
    'https://[::2]:8443',
  ],
)

held(
  'any port and any label',
  ['http://*.localhost:*'],
  ['http://a.localhost', 'http://a.b.localhost:8080'],
  ['http://localhost', 'http://localhost:8080', 'https://a.localhost', 'http://a.localhost:80'],
)

held('null alone is null', ['null'], ['null'], ['https://null', 'Null', '', 'null '])
held('nothing is in an empty list', [], [], ['https://shop.example', 'null', '*', ''])
held('* is for the rule to say, not for a set', ['*'], [], ['https://shop.example', 'null', '*'])
held(
  'names like those of properties',
  ['https://constructor', 'https://*.constructor'],
  ['https://constructor', 'https://a.constructor'],
  ['https://__proto__', 'https://hasownproperty', 'https://a.__proto__', '__proto__', 'constructor'],
)

t.test('the entry that holds is named', async t => {
  const set = originSet(['https://*.shop.example', 'https://www.shop.example', 'https://*.shop.example:*'])
  const named = (header: string) => holds(set, header)?.text
  t.equal(named('https://www.shop.example'), 'https://www.shop.example', 'exact first')
  t.equal(named('https://a.shop.example'), 'https://*.shop.example', 'then the port')
  t.equal(named('https://a.shop.example:1'), 'https://*.shop.example:*', 'then any port')
  t.equal(set.entries.length, 3, 'all are there to read')
  for (const texts of [
    ['https://*.shop.example', 'https://*.example'],
    ['https://*.example', 'https://*.shop.example'],
  ]) {
    t.equal(holds(originSet(texts), 'https://a.shop.example')?.text, 'https://*.shop.example', 'the longest')
  }
})

t.test('expiry', async t => {
  const day = Date.parse('2027-01-31')
  const dated = originSet([
    'https://a.example until 2027-01-31',
    'https://*.b.example until 2027-01-31',
    'https://c.example:* until 2027-01-31',
    'null until 2027-01-31',
  ])
  for (const origin of ['https://a.example', 'https://x.b.example', 'https://c.example:1', 'null']) {
    t.ok(holds(dated, origin, day - 1), `${origin} until the last millisecond`)
    t.equal(whyNot(dated, origin, day), 'origin-expired', `${origin} from then on`)
  }
  t.equal(whyNot(dated, 'https://y.x.b.example', day), 'origin-expired', 'further below too')
  t.equal(whyNot(dated, 'https://other.example', day), 'origin-not-allowed', 'what never was is not expired')

  const covered: readonly (readonly string[])[] = [
    ['https://x.example until 2027-01-31', 'https://x.example'],
    ['https://x.example', 'https://x.example until 2027-01-31'],
    [
      'https://x.example until 2027-01-31',
      'https://x.example until 2028-01-31',
      'https://x.example until 2026-01-31',
    ],
    ['https://x.example until 2027-01-31', 'https://x.example:*'],
    ['https://x.example', 'https://x.example:* until 2027-01-31'],
  ]
  for (const texts of covered) t.ok(holds(originSet(texts), 'https://x.example', day), texts.join(' and '))

  const below: readonly (readonly string[])[] = [
    ['https://a.b.example until 2027-01-31', 'https://*.b.example'],
    ['https://a.b.example:*', 'https://*.b.example:* until 2027-01-31'],
    ['https://a.b.example:* until 2027-01-31', 'https://*.b.example:*'],
    ['https://*.b.example until 2027-01-31', 'https://*.example'],
    ['https://*.example until 2027-01-31', 'https://*.b.example'],
    ['https://*.b.example until 2027-01-31', 'https://*.b.example:*'],
    ['https://*.b.example:* until 2027-01-31', 'https://*.b.example'],
    ['https://*.b.example:* until 2027-01-31', 'https://*.example:*'],
  ]
  for (const texts of below) t.ok(holds(originSet(texts), 'https://a.b.example', day), texts.join(' and '))
})

t.test(`${PAIRS} generated pairs: the set holds what the oracle holds`, async t => {
  let positive = 0
  let pairs = 0
  const property = fc.property(policies, mutations, (texts, changes) => {
    const set = originSet(texts)
    for (const origin of candidates(texts, changes)) {
      const expected = texts.some(text => oracleHolds(text, origin))
      const match = holds(set, origin)
      if ((match !== undefined) !== expected)
        throw new Error(`${origin} against ${texts.join(' ')}: oracle ${expected}`)
      if (match !== undefined && !oracleHolds(match.text, origin))
        throw new Error(`${origin} named ${match.text}`)
      if (expected) positive++
      pairs += texts.length
    }
  })
  // Each run has about 60 pairs; the loop makes sure of the number.
  while (pairs < PAIRS) fc.assert(property, { numRuns: Math.ceil(PAIRS / 60) })
  t.ok(positive > PAIRS / 100, `${positive} origins were held, so that yes was tried as well as no`)
})

t.test('a hostile origin costs no more than a label walk', async t => {
  const set = originSet(['https://*.shop.example', 'https://*.shop.example:*', 'https://x.example'])
  const hostile = [
    `https://${'a.'.repeat(126)}a`,
    `https://${'a.'.repeat(2000)}a`,
    `https://${'.'.repeat(4000)}`,
    `https://${'a'.repeat(4000)}!`,
    `https://${'['.repeat(4000)}`,
    `https://[${':'.repeat(4000)}`,
    `${'a'.repeat(4090)}://`,
    `https://a:${'9'.repeat(4000)}`,
    'a+'.repeat(8000),
  ]
  for (const header of hostile) {
    const millis = millisOf(() => holds(set, header))
    t.ok(millis < 0.5, `${header.slice(0, 20)}… took ${millis.toFixed(3)} ms`)
  }
})

// Few names, so that they meet: a pattern and an origin from the same small world are near misses of one another.
const label = fc.constantFrom(
  'a',
  'b',
  'shop',
  'evil',
  'www',
  'x-y',
  'x_y',
  'xn--bcher-kva',
  'example',
  'com',
)
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.'))
const scheme = fc.constantFrom('https', 'https', 'http', 'web+app', 'capacitor')
const port = fc.constantFrom('', '', '', ':8443', ':80', ':443', ':3000', ':*')
const address = fc.constantFrom('127.0.0.1', '[::1]', '[2001:db8::1]')
const wildcard = fc.constantFrom('', '*.')
const pattern = fc
  .oneof(
    { weight: 6, arbitrary: fc.tuple(scheme, wildcard, name, port) },
    { weight: 1, arbitrary: fc.tuple(scheme, fc.constant(''), address, port) },
  )
  .map(parts => `${parts[0]}://${parts[1]}${parts[2]}${parts[3]}`)
  .filter(text => !DEFAULT_PORT.test(text))
const policies = fc.array(pattern, { minLength: 1, maxLength: 6 })

const DEFAULT_PORT = /^(http|ws):.*:80$|^(https|wss):.*:443$/

interface Mutation {
  readonly at: number
  readonly text: string
  readonly drop: number
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(60),
  text: fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      'a.',
      '.a',
      'evil',
      '-',
      '_',
      ':',
      ':443',
      ':80',
      ':1',
      '@',
      '/',
      '\\',
      '?',
      '#',
      '*',
    ),
    fc.constantFrom(
      '%2e',
      '`',
      '!',
      '~',
      '"',
      "'",
      '(',
      ';',
      ',',
      ' ',
      '\t',
      '\0',
      'A',
      '\u00e9',
      '[',
      ']',
      '0',
      '://',
    ),
    label,
  ),
  drop: fc.constantFrom(0, 0, 0, 1, 2, 4),
})
const mutations = fc.array(mutation, { minLength: 6, maxLength: 6 })

/** For each pattern, an origin that it might hold, and the same with something put in or taken out. */
function candidates(texts: readonly string[], changes: readonly Mutation[]): readonly string[] {
  return texts.flatMap((text, index) => {
    const below = (labels: string) => text.replace('*.', labels).replace(':*', index % 2 === 0 ? '' : ':8080')
    const filled = [below('www.'), below('a.b.'), below('')]
    const changed = changes.map(({ at, text: put, drop }, which) => {
      const origin = filled[which % filled.length] ?? ''
      const place = at % (origin.length + 1)
      return origin.slice(0, place) + put + origin.slice(place + drop)
    })
    return [...filled, ...changed, text]
  })
}

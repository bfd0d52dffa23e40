import t from 'tap'
import { type NearMissKind, nearMiss } from '../../src/cors/near-miss.js'
import type { OriginSet } from '../../src/cors/origins/origin-set.js'
import { millisOf } from './cost.js'
import { originSet, TODAY } from './policy.js'

const LIST = [
  'https://www.shop.example',
  'https://bare.example',
  'https://*.preview.shop.example',
  'https://dev.example:8443',
  'http://localhost:3000',
  'capacitor://localhost',
  'http://*.plain.example',
  'https://www.any.example:*',
  'https://gone.example until 2026-06-30',
  'https://*.gone.example until 2026-06-30',
]
const ELSEWHERE = [
  'https://other.example',
  'https://*.other.example',
  'https://late.example until 2026-06-30',
]

const MISSES: readonly [header: string, kind: NearMissKind, entry: string][] = [
  ['http://www.shop.example', 'other-scheme', 'https://www.shop.example'],
  ['https://localhost:3000', 'other-scheme', 'http://localhost:3000'],
  ['http://a.preview.shop.example', 'other-scheme', 'https://*.preview.shop.example'],
  ['ionic://localhost', 'other-scheme', 'http://localhost:3000'],
  ['https://www.shop.example:8443', 'other-port', 'https://www.shop.example'],
  ['https://dev.example', 'other-port', 'https://dev.example:8443'],
  ['http://localhost:5173', 'other-port', 'http://localhost:3000'],
  ['https://a.preview.shop.example:8443', 'other-port', 'https://*.preview.shop.example'],
  ['https://shop.example', 'missing-www', 'https://www.shop.example'],
  ['https://www.bare.example', 'extra-www', 'https://bare.example'],
  ['https://WWW.shop.example', 'upper-case', 'https://www.shop.example'],
  ['HTTPS://www.shop.example', 'upper-case', 'https://www.shop.example'],
  ['https://www.shop.example/', 'trailing-slash', 'https://www.shop.example'],
  ['https://a.preview.shop.example/', 'trailing-slash', 'https://*.preview.shop.example'],
  ['https://www.shop.example.', 'trailing-dot', 'https://www.shop.example'],
  ['https://dev.example.:8443', 'trailing-dot', 'https://dev.example:8443'],
  ['https://www.shop.example:443', 'default-port', 'https://www.shop.example'],
  ['https://a.plain.example', 'other-scheme', 'http://*.plain.example'],
  ['https://any.example', 'missing-www', 'https://www.any.example:*'],
  ['ionic://www.any.example', 'other-scheme', 'https://www.any.example:*'],
  ['https://preview.shop.example', 'apex-of-wildcard', 'https://*.preview.shop.example'],
  ['https://preview.shop.example:8443', 'apex-of-wildcard', 'https://*.preview.shop.example'],
  ['https://a.b.c.d.e.f.g.preview.shop.example/', 'trailing-slash', 'https://*.preview.shop.example'],
  ['https://other.example', 'other-route', 'https://other.example'],
  ['https://a.other.example', 'other-route', 'https://*.other.example'],
]

t.test('an origin that only just misses', async t => {
  for (const [header, kind, entry] of MISSES)
    t.strictSame(hint(header), { kind, entry }, `${header}: ${kind}`)
})

t.test('every kind has a case above', async t => {
  const every: Record<NearMissKind, true> = {
    'other-scheme': true,
    'other-port': true,
    'missing-www': true,
    'extra-www': true,
    'upper-case': true,
    'trailing-slash': true,
    'trailing-dot': true,
    'default-port': true,
    'apex-of-wildcard': true,
    'other-route': true,
  }
  t.strictSame(new Set(MISSES.map(([, kind]) => kind)), new Set(Object.keys(every)))
})

t.test('an origin that has nothing to do with the list hears nothing of it', async t => {
  const unrelated = [
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://www.shop.example.evil.example',
    'https://evilwww.shop.example',
    'https://www.shop.exampl',
    'https://a.b.shop.example',
    // Nobody mistypes one of so many labels.
    'https://a.b.c.d.e.f.g.h.preview.shop.example/',
    'https://example',
    'null',
    '',
    '*',
    'https://',
    'https://www.shop.example@evil.example',
    'https://www.shop.example, https://evil.example',
    'https://www.shop.example//',
    'a'.repeat(100_000),
    `https://${'a.'.repeat(50_000)}`,
  ]
  for (const header of unrelated) t.equal(hint(header), undefined, header.slice(0, 50))
})

t.test('an entry that has expired is no near miss: the reason says so already', async t => {
  for (const header of [
    'https://gone.example',
    'http://gone.example',
    'https://gone.example:8443',
    'https://gone.example/',
    'https://www.gone.example',
    'https://late.example',
  ]) {
    t.equal(hint(header), undefined, header)
  }
})

t.test('a hint costs a handful of lookups', async t => {
  const sets = Array.from({ length: 1000 }, (_, index) => originSet([`https://r${index}.example`]))
  t.strictSame(
    hint('https://r31.example', sets),
    { kind: 'other-route', entry: 'https://r31.example' },
    'the first 32',
  )
  t.equal(hint('https://r32.example', sets), undefined, 'and no more')
  for (const header of [
    `https://${'.'.repeat(16_000)}`,
    `http://${':80'.repeat(5000)}`,
    `${'/'.repeat(16_000)}x`,
  ]) {
    const millis = millisOf(() => hint(header, sets))
    t.ok(millis < 2, `${header.slice(0, 12)}… took ${millis.toFixed(3)} ms`)
  }
})

function hint(header: string, elsewhere: readonly OriginSet[] = [originSet(ELSEWHERE)]) {
  return nearMiss(header, [originSet(LIST.slice(0, 3)), originSet(LIST.slice(3))], elsewhere, TODAY)
}

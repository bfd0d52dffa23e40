import fc from 'fast-check'
import t from 'tap'
import { TextIndex } from '../../src/cors/text-index.js'

t.test('it finds what a Map finds, whole texts and suffixes', async t => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 6 })
  let hits = 0
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { maxLength: 60 }),
      fc.array(text, { maxLength: 60 }),
      (keys, others) => {
        const map = new Map(keys.map((key, number) => [key, number]))
        const index = new TextIndex(map)
        for (const text of [...keys, ...others]) {
          for (let from = 0; from <= text.length; from++) {
            const expected = map.get(text.slice(from))
            if (expected !== undefined) hits++
            if (index.get(text, from) !== expected) return false
          }
        }
        return true
      },
    ),
    { numRuns: 300 },
  )
  t.ok(hits > 1000, `${hits} were found`)
})

t.test('two texts of one hash are two texts', async t => {
  // FNV-1a hashes each pair alike; the last two are what whoever reads the source could make and register.
  const pairs = [
    ['costarring', 'liquid'],
    ['declinate', 'macallums'],
    ['https://shop.example', 'https://shop.examplecz8a5l7'],
    ['https://shop.examplek4udyxk', 'https://shop.example'],
  ] as const
  for (const [one, other] of pairs) {
    t.equal(new TextIndex(new Map([[one, 1]])).get(other), undefined, `${other} is not ${one}`)
    const both = new TextIndex(
      new Map([
        [one, 1],
        [other, 2],
      ]),
    )
    t.strictSame([both.get(one), both.get(other)], [1, 2])
  }
})

t.test('any number of keys, none included', async t => {
  const empty = new TextIndex(new Map())
  t.equal(empty.get(''), undefined)
  t.equal(empty.get('a'), undefined)
  for (const count of [1, 2, 3, 4, 7, 8, 15, 16, 1000]) {
    const keys = Array.from({ length: count }, (_, number) => `key-${number}`)
    const index = new TextIndex(new Map(keys.map((key, number) => [key, number])))
    t.ok(
      keys.every((key, number) => index.get(key) === number),
      `${count} keys`,
    )
    t.equal(index.get(`key-${count}`), undefined)
  }
})

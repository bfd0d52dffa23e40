import fc from 'fast-check'
import t from 'tap'
import { hashOf, type TextIndex, TextIndexBuilder } from '../../src/cors/origins/text-index.js'

t.test('it finds what a Map finds, whole texts and suffixes', async t => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 6 })
  let hits = 0
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { maxLength: 60 }),
      fc.array(text, { maxLength: 60 }),
      (keys, others) => {
        const map = new Map(keys.map((key, number) => [key, number]))
        const index = indexOf(keys)
        for (const text of [...keys, ...others]) {
          for (let from = 0; from <= text.length; from++) {
            const expected = map.get(text.slice(from)) ?? -1
            if (expected !== -1) hits++
            if (index.find(text, from) !== expected) return false
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
  // FNV-1a hashes each pair alike, read from the end as the table does.
  const pairs = [
    ['gnirratsoc', 'diuqil'],
    ['etanilced', 'smullacam'],
    ['elpmaxe.pohs//:sptth', '7l5a8zcelpmaxe.pohs//:sptth'],
    ['kxydu4kelpmaxe.pohs//:sptth', 'elpmaxe.pohs//:sptth'],
  ] as const
  for (const [one, other] of pairs) {
    t.equal(hashOf(one), hashOf(other))
    t.equal(indexOf([one]).find(other), -1, `${other} is not ${one}`)
    const both = indexOf([one, other])
    t.strictSame([both.find(one), both.find(other)], [0, 1])
  }
})

t.test('any number of keys, none included', async t => {
  const empty = indexOf([])
  t.equal(empty.find(''), -1)
  t.equal(empty.find('a'), -1)
  for (const count of [1, 2, 3, 4, 7, 8, 15, 16, 1000]) {
    const keys = Array.from({ length: count }, (_, number) => `key-${number}`)
    const index = indexOf(keys)
    t.ok(
      keys.every((key, number) => index.find(key) === number),
      `${count} keys`,
    )
    t.equal(index.find(`key-${count}`), -1)
  }
})

t.test('of two numbers for one key, the better one stays', async t => {
  const bytes = new TextEncoder().encode('keykeykey')
  const builder = new TextIndexBuilder(bytes, 3, (present, other) => present < other)
  builder.add(0, 3, 5)
  builder.add(3, 6, 7)
  builder.add(6, 9, 6)
  t.equal(builder.build().find('key'), 7)
})

/** Each key by its place in the list. */
function indexOf(keys: readonly string[]): TextIndex {
  const builder = new TextIndexBuilder(new TextEncoder().encode(keys.join('')), keys.length, () => false)
  let start = 0
  for (const [number, key] of keys.entries()) {
    builder.add(start, start + key.length, number)
    start += key.length
  }
  return builder.build()
}

import t from 'tap'
import { remembered, rememberedFor } from '../../src/http/remembered.js'

t.test('a text is computed once, a long one each time', async t => {
  const asked: string[] = []
  const lengthOf = remembered(text => asked.push(text) && text.length)
  const [long, longest] = ['x'.repeat(257), 'y'.repeat(256)]
  for (const text of ['a', 'bb', 'a', long, longest, 'bb', long, longest])
    t.equal(lengthOf(text), text.length)
  t.same(asked, ['a', 'bb', long, longest, long])
})

t.test('texts that a client makes up do not stay', async t => {
  let computed = 0
  const of = remembered(text => {
    computed++
    return text
  })
  for (let index = 0; index < 512; index++) of(String(index))
  for (let index = 0; index < 512; index++) of(String(index))
  t.equal(computed, 512, 'as many as there is room for')
  of('one more')
  of('one more')
  t.equal(computed, 513)
  of('0')
  t.equal(computed, 514, 'the others are gone')
})

t.test('each object has its own', async t => {
  const asked: string[] = []
  const joined = rememberedFor((key: { readonly name: string }, text, more: string) => {
    asked.push(key.name)
    return key.name + text + more
  }, nothing)
  const [one, other] = [{ name: 'one' }, { name: 'other' }]
  t.equal(joined(one, 'a', '1'), 'onea1')
  t.equal(joined(other, 'a', '2'), 'othera2')
  t.equal(joined(one, 'a', '1'), 'onea1')
  t.equal(joined(one, 'b', '1'), 'oneb1')
  t.same(asked, ['one', 'other', 'one'])
})

t.test('what is kept about all objects together is bounded in bytes', async t => {
  const asked: string[] = []
  const of = rememberedFor(
    (_route: object, text) => {
      asked.push(text)
      return text
    },
    value => value.length,
  )
  const routes = Array.from({ length: 1_000 }, () => ({}))
  const [hot, first] = [{}, {}]
  of(first, 'of the first')
  // 25 MB of texts, each route with few.
  for (const [number, route] of routes.entries()) {
    for (let index = 0; index < 50; index++) of(route, `${number} ${index}`.padEnd(250, 'x'))
    of(hot, 'asked for all the time')
  }
  t.equal(asked.filter(text => text === 'asked for all the time').length, 1, 'what is used stays')
  asked.length = 0
  of(first, 'of the first')
  of(routes[0]!, '0 0'.padEnd(250, 'x'))
  of(routes.at(-1)!, '999 0'.padEnd(250, 'x'))
  t.same(asked, ['of the first', '0 0'.padEnd(250, 'x')], 'what is not goes, of every object')
})

t.test('a thousand objects with a few texts each keep them', async t => {
  let computed = 0
  const of = rememberedFor(
    () => {
      computed++
      return 'other-scheme https://www.shop.example'
    },
    value => 2 * value.length,
  )
  const routes = Array.from({ length: 1_000 }, () => ({}))
  for (let round = 0; round < 5; round++)
    for (const route of routes)
      for (let index = 0; index < 10; index++) of(route, `https://tenant-${index}.shop.example`)
  t.equal(computed, 10_000)
})

function nothing(): number {
  return 0
}

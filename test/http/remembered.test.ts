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
  })
  const [one, other] = [{ name: 'one' }, { name: 'other' }]
  t.equal(joined(one, 'a', '1'), 'onea1')
  t.equal(joined(other, 'a', '2'), 'othera2')
  t.equal(joined(one, 'a', '1'), 'onea1')
  t.equal(joined(one, 'b', '1'), 'oneb1')
  t.same(asked, ['one', 'other', 'one'])
})

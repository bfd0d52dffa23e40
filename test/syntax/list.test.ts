import t from 'tap'
import { listElements } from '../../src/syntax/list.js'

t.test('the elements of a list, as RFC 9110 has it', async t => {
  const rows: readonly [what: string, field: string, elements: readonly string[]][] = [
    ['none', '', []],
    ['one', 'Origin', ['Origin']],
    ['optional whitespace', ' a\t,\tb , c', ['a', 'b', 'c']],
    ['empty elements', ',, a , ,b,', ['a', 'b']],
    ['a no-break space is no whitespace', '\xa0*, Origin\xa0', ['\xa0*', 'Origin\xa0']],
    ['nor are other controls', '\va,\fb', ['\va', '\fb']],
    ['whitespace within', 'a b', ['a b']],
  ]
  for (const [what, field, elements] of rows) t.strictSame(listElements(field), elements, what)
})

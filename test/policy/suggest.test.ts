import t from 'tap'
import { nearest } from '../../src/policy/problems/suggest.js'

const CANDIDATES = ['allowOrigins', 'allowMethods', 'allowCredentials', 'maxAge', 'url']

const CASES: readonly [text: string, meant: string | undefined][] = [
  ['alowOrigins', 'allowOrigins'],
  ['allowedOrigins', 'allowOrigins'],
  ['ALLOWORIGINS', 'allowOrigins'],
  ['maxage', 'maxAge'],
  ['max-age', 'maxAge'],
  ['methods', 'allowMethods'],
  ['credentials', 'allowCredentials'],
  ['ulr', undefined],
  ['uri', 'url'],
  ['quux', undefined],
  ['', undefined],
  ['allowOrigins'.repeat(100), undefined],
]

t.test('the nearest candidate, or none', async t => {
  for (const [text, meant] of CASES) t.equal(nearest(text, CANDIDATES), meant, text.slice(0, 40))
})

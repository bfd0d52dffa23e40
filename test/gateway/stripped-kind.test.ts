import t from 'tap'
import { strippedKind } from '../../src/gateway/forward/stripped-kind.js'
import type { CompiledRoute } from '../../src/policy/compiled/compiled-policy.js'

const route = { id: 'r', upstream: { name: 'u' } } as CompiledRoute

t.test('names are listed once, in order', async t => {
  const { headers, key } = strippedKind(route, ['vary', 'access-control-max-age', 'vary'])
  t.strictSame(headers, ['access-control-max-age', 'vary'])
  t.equal(strippedKind(route, ['access-control-max-age', 'vary']).key, key)
})

t.test('what an upstream makes of names is capped, and escaped', async t => {
  const long = strippedKind(route, [`access-control-${'x'.repeat(60_000)}`])
  t.strictSame(long.headers, [`access-control-${'x'.repeat(49)}...`])
  t.ok(long.key.length < 100)
  const many = strippedKind(
    route,
    Array.from({ length: 2_000 }, (_, index) => `access-control-${10_000 + index}`),
  )
  t.equal(many.headers.length, 17)
  t.equal(many.headers.at(-1), 'and 1984 more')
  t.strictSame(strippedKind(route, ['access-control-\u009b1m']).headers, ['access-control-\\x9b1m'])
})

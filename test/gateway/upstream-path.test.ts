import t from 'tap'
import { startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

const ROWS: readonly (readonly [what: string, asked: string, sent: string])[] = [
  ['as it came', '/plain/a/b', '/plain/a/b'],
  ['as it was made canonical', '/plain/%61%2d%c3%a9', '/plain/a-%C3%A9'],
  ['with its query', '/plain/a?x=/orders/%2e', '/plain/a?x=/orders/%2e'],
  ['below a base', '/based/a?x', '/base/based/a?x'],
  ['a prefix for a prefix', '/orders/1/items?x=1', '/v1/shop/1/items?x=1'],
  ['all that matched', '/orders', '/v1/shop'],
  ['all that matched, with a slash', '/orders/', '/v1/shop/'],
  ['all that matched, with a query', '/orders?x', '/v1/shop?x'],
  ['the prefix once more inside', '/orders/orders/1', '/v1/shop/orders/1'],
  ['below a base, too', '/both/deep/1', '/base/v2/1'],
  ['none in its place', '/cut/a/b', '/a/b'],
  ['none in its place, and nothing below', '/cut', '/'],
  ['none in its place, and a slash', '/cut/', '/'],
]

t.test('the path that the upstream gets', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: `version: 1
upstreams:
  api: { url: "${upstream.url}" }
  based: { url: "${upstream.url}/base" }
routes:
  - { id: plain, path: /plain/**, upstream: api }
  - { id: based, path: /based/**, upstream: based }
  - { id: orders, path: /orders/**, upstream: api, replacePrefix: /v1/shop }
  - { id: both, path: /both/*/**, upstream: based, replacePrefix: /v2 }
  - { id: cut, path: /cut/**, upstream: api, replacePrefix: / }
`,
  })
  for (const [what, path, sent] of ROWS) {
    await send(gateway.port, { path })
    t.equal(upstream.seen.at(-1)?.url, sent, what)
  }
  t.equal(upstream.seen.length, ROWS.length)
})

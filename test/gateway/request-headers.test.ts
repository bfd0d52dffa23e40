import t from 'tap'
import { requestHeaders } from '../../src/gateway/forward/request-headers.js'

const options = {
  authority: 'orders.internal:8080',
  requestId: 'id-1',
  forwarded: ['X-Forwarded-For', '192.0.2.1'],
}
const first = ['Host', 'orders.internal:8080']
const last = ['X-Forwarded-For', '192.0.2.1', 'X-Request-Id', 'id-1']

function between(...raw: string[]): string[] {
  const headers = requestHeaders(raw, options)
  t.same(headers.slice(0, 2), first, 'Host is the upstream and comes first')
  t.same(headers.slice(-4), last, 'ours come last')
  return headers.slice(2, -4)
}

t.test('the same names, values, order and number', async t => {
  const raw = [
    'aCCept',
    '*/*',
    'X-A',
    '1',
    'x-a',
    '2',
    'X-A',
    '1',
    'X-Latin',
    'caf\xe9',
    'X-Empty',
    '',
    'my_header',
    'v',
  ]
  t.same(between('Host', 'api.shop.example', ...raw), raw)
})

t.test('dropped', async t => {
  const dropped = [
    ...[
      'Host',
      'HOST',
      'Expect',
      'Connection',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Transfer-Encoding',
      'Upgrade',
    ],
    ...[
      'Proxy-Authorization',
      'HTTP2-Settings',
      'X-Forwarded-For',
      'x-forwarded-proto',
      'Forwarded',
      'X-Real-IP',
    ],
    ...['X_Forwarded_For', 'X.Forwarded.For', 'Content_Length', 'Sec_Fetch_Site', 'X-Request-ID'],
  ]
  for (const name of dropped) t.same(between('A', '1', name, 'x', 'B', '2'), ['A', '1', 'B', '2'], name)
})

t.test('nominated by Connection', async t => {
  t.same(between('X-Hop', '1', 'Connection', 'x-hop, close', 'x-HOP', '2', 'X-Stays', '3'), ['X-Stays', '3'])
  const owned = [
    'Origin',
    'https://a.test',
    'Cookie',
    'c=1',
    'Authorization',
    'Basic x',
    'Content-Type',
    'text/plain',
  ]
  t.same(
    between('Connection', 'origin, cookie', 'connection', 'authorization, content-type, host', ...owned),
    owned,
    'not what decides',
  )
})

t.test('Origin only where the route forwards it', async t => {
  const raw = ['Origin', 'https://a.test', 'A', '1']
  t.same(between(...raw), raw)
  t.same(requestHeaders(raw, { ...options, dropOrigin: true }), [...first, 'A', '1', ...last])
})

t.test('one Content-Length', async t => {
  t.same(between('Content-Length', '5', 'content-length', '5'), ['Content-Length', '5'])
})

t.test('names that are objects elsewhere', async t => {
  const raw = ['__proto__', '1', 'constructor', '2', 'toString', '3']
  t.same(between(...raw), raw)
})

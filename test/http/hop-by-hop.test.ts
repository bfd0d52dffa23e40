import t from 'tap'
import {
  connectionFields,
  isHopByHop,
  nominatedByRequest,
  nominatedByResponse,
} from '../../src/http/hop-by-hop.js'

t.test('headers of one connection', async t => {
  const names = [
    ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
    ...['proxy-authentication-info', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'],
  ]
  for (const name of names) t.ok(isHopByHop(name), name)
  for (const name of ['origin', 'host', 'content-length', 'via', 'sec-websocket-key', 'constructor'])
    t.notOk(isHopByHop(name), name)
})

t.test('names that Connection adds', async t => {
  const cases: [what: string, fields: string[], expected: string[]][] = [
    ['nothing to look up', ['keep-alive'], []],
    ['close', ['Close'], ['close']],
    ['mixed case', ['X-Internal, keep-alive'], ['x-internal']],
    ['several fields', ['x-a', 'X-B,x-c'], ['x-a', 'x-b', 'x-c']],
    ['empty elements and spaces', [' , ,\tx-a ,,'], ['x-a']],
    ['no whitespace of HTTP', ['x-a\xa0'], ['x-a\xa0']],
    ['names that are objects elsewhere', ['__proto__, constructor'], ['__proto__', 'constructor']],
  ]
  for (const [what, fields, expected] of cases) t.same([...nominatedByRequest(fields)], expected, what)
})

t.test('what a client cannot take away', async t => {
  const owned = `authorization cookie forwarded host origin referer x-request-id x-forwarded-for content-type
    content-length sec-fetch-site access-control-request-method`.split(/\s+/)
  t.same(
    [...nominatedByRequest([`close, ${owned.join(', ')}, X-Other, my-content-type`])],
    ['close', 'x-other', 'my-content-type'],
  )
  for (const name of owned) t.equal(nominatedByRequest([name]).size, 0, name)
})

t.test('what an upstream cannot take away', async t => {
  const owned = `access-control-allow-origin timing-allow-origin vary cache-control clear-site-data location
    referrer-policy set-cookie strict-transport-security www-authenticate x-content-type-options x-frame-options
    content-type content-security-policy cross-origin-resource-policy sec-websocket-accept`.split(/\s+/)
  t.same(
    [...nominatedByResponse([`X-Internal, ${owned.join(', ')}, my-content-type`])],
    ['x-internal', 'my-content-type'],
  )
  for (const name of owned) t.equal(nominatedByResponse([name]).size, 0, name)
})

t.test('the fields of Connection', async t => {
  const raw = ['Connection', 'a', 'Accept-Foo', 'b', 'connection', 'c', 'Keep-Alive', 'd', 'Connections', 'e']
  t.same(connectionFields(raw), ['a', 'c'])
})

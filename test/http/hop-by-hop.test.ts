import t from 'tap'
import { isHopByHop, nominatedByRequest, nominatedByResponse } from '../../src/http/hop-by-hop.js'

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
    ['names that are objects elsewhere', ['__proto__, constructor'], ['__proto__', 'constructor']],
  ]
  for (const [what, fields, expected] of cases) t.same([...nominatedByRequest(fields)], expected, what)
})

t.test('what a client cannot take away', async t => {
  const owned = [
    ...['origin', 'cookie', 'authorization', 'host', 'content-type', 'content-length', 'x-forwarded-for'],
    ...['forwarded', 'sec-fetch-site', 'access-control-request-method', 'x-request-id'],
  ]
  t.same([...nominatedByRequest([`close, ${owned.join(', ')}, X-Other`])], ['close', 'x-other'])
})

t.test('what an upstream cannot take away', async t => {
  const owned = [
    'access-control-allow-origin',
    'vary',
    'set-cookie',
    'content-type',
    'strict-transport-security',
  ]
  t.same([...nominatedByResponse([`X-Internal, ${owned.join(', ')}`])], ['x-internal'])
})

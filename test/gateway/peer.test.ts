import { once } from 'node:events'
import { request } from 'node:http'
import t from 'tap'
import { startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'

const POLICY = `version: 1
upstreams: { api: { url: http://127.0.0.1:1 } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["https://app.example"], allowMethods: [GET] }] }]
`
// The proxies of the table below: the test's own end of the connection, a network of each family.
const TRUSTED = '127.0.0.1,10.0.0.0/8,2001:db8:1::/48'

const CLIENTS: readonly (readonly [what: string, forwardedFor: string | undefined, client: string])[] = [
  ['none', undefined, '127.0.0.1'],
  ['an empty one', '', '127.0.0.1'],
  ['the client alone', '198.51.100.7', '198.51.100.7'],
  ['one proxy more', '198.51.100.7, 10.1.1.1', '198.51.100.7'],
  ['several', '198.51.100.7, 10.1.1.1, 2001:db8:1::9, 10.2.2.2', '198.51.100.7'],
  ['without spaces', '198.51.100.7,10.1.1.1', '198.51.100.7'],
  ['what the client wrote itself', '6.6.6.6, 198.51.100.7, 10.1.1.1', '198.51.100.7'],
  ['a proxy behind who is none', '10.9.9.9, 198.51.100.7, 10.1.1.1', '198.51.100.7'],
  ['proxies alone: the first of them', '10.3.3.3, 10.1.1.1', '10.3.3.3'],
  ['just outside of the network', '6.6.6.6, 11.0.0.0', '11.0.0.0'],
  ['IPv6', '2001:db8:2::1, 2001:db8:1::9', '2001:db8:2::1'],
  ['IPv6, what the client wrote', '2001:db8:1::7, 2001:db8:2::1', '2001:db8:2::1'],
  ['IPv4 as a dual-stack proxy writes it', '::ffff:198.51.100.7, ::ffff:10.1.1.1', '198.51.100.7'],
  ['the same in hex', '::ffff:c633:6407, ::ffff:a01:101', '::ffff:c633:6407'],
  ['no address in front', 'unknown, 10.1.1.1', '10.1.1.1'],
  ['no address in the middle: what is before it is not looked at', '198.51.100.7, -, 10.1.1.1', '10.1.1.1'],
  ['no address at the end', '198.51.100.7, 10.1.1.1, unknown', '127.0.0.1'],
  ['an empty place at the end', '198.51.100.7,', '127.0.0.1'],
  ['an empty place in the middle', '198.51.100.7, , 10.1.1.1', '10.1.1.1'],
  ['an address with a port', '198.51.100.7:4711, 10.1.1.1', '10.1.1.1'],
  ['a name', 'proxy.internal', '127.0.0.1'],
]

t.test('who the client is, as far as trusted proxies say it', async t => {
  const gateway = await startGateway(t, { policy: POLICY, flags: ['--trusted-proxies', TRUSTED] })
  for (const [what, forwardedFor, client] of CLIENTS) {
    const path = `/${encodeURIComponent(what)}`
    const forwarded = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
    await send(gateway.port, { path, headers: { origin: 'https://evil.example', ...forwarded } })
    t.equal((await gateway.record(record => record.path === path)).client, client, what)
  }
  const lines = ['198.51.100.7', '10.1.1.1']
  await send(gateway.port, {
    path: '/lines',
    headers: { origin: 'https://evil.example', 'x-forwarded-for': lines },
  })
  t.match(await gateway.record(({ path }) => path === '/lines'), { client: '198.51.100.7' }, 'two lines')
})

t.test('a proxy that is not trusted says nothing', async t => {
  const gateway = await startGateway(t, { policy: POLICY, flags: ['--trusted-proxies', '10.0.0.0/8'] })
  const headers = { origin: 'https://evil.example', 'x-forwarded-for': '198.51.100.7, 10.1.1.1' }
  await send(gateway.port, { headers })
  t.match(await gateway.record(({ event }) => event === 'cors.denied'), { client: '127.0.0.1' })
})

t.test('the scheme is what a trusted proxy says, where it says one', async t => {
  const gateway = await startGateway(t, {
    policy: POLICY,
    flags: ['--trusted-proxies', '127.0.0.1', '--audit', 'all'],
  })
  const cases: readonly (readonly [proto: string, origin: string, reason: string])[] = [
    ['https', 'https://api.example', 'same-origin'],
    ['https', 'http://api.example', 'origin-not-allowed'],
    ['http', 'http://api.example', 'same-origin'],
    ['http', 'https://api.example', 'origin-not-allowed'],
    // Neither is one: the connection's own counts.
    ['https, http', 'http://api.example', 'same-origin'],
    ['HTTPS', 'http://api.example', 'same-origin'],
    ['', 'http://api.example', 'same-origin'],
  ]
  for (const [index, [proto, origin, reason]] of cases.entries()) {
    const headers = { host: 'api.example', origin, 'x-forwarded-proto': proto }
    await send(gateway.port, { path: `/${index}`, headers })
    t.match(await gateway.record(({ path }) => path === `/${index}`), { reason }, `"${proto}": ${origin}`)
  }
})

t.test('a dual-stack listener knows its IPv4 peers by their own address', async t => {
  const gateway = await startGateway(t, {
    policy: POLICY,
    flags: ['--listen', '[::]:0', '--trusted-proxies', '127.0.0.1'],
  })
  for (const [path, forwardedFor, client] of [
    ['/direct', '', '127.0.0.1'],
    ['/behind', '198.51.100.7', '198.51.100.7'],
  ] as const) {
    await send(gateway.port, {
      path,
      headers: { origin: 'https://evil.example', 'x-forwarded-for': forwardedFor },
    })
    t.match(await gateway.record(record => record.path === path), { client }, path)
  }
  const sent = request({
    host: '::1',
    port: gateway.port,
    path: '/six',
    headers: { origin: 'https://evil.example' },
  })
  sent.end()
  const [response] = await once(sent, 'response')
  response.resume()
  t.match(await gateway.record(({ path }) => path === '/six'), { client: '::1' })
})

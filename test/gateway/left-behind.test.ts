import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { closed } from '../helpers/closed.js'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { type RawClient, rawClient } from '../helpers/raw-client.js'
import { rawUpstream } from '../helpers/raw-upstream.js'

// What clients leave behind: faults behind whole requests, answers that nobody waits for, ends at the wrong moment.

const APP = 'https://app.example'
const EVIL = 'https://evil.example'
const policyOf = (upstream: string, name = 'api'): string => `version: 1
upstreams: { ${name}: { url: "${upstream}" } }
routes: [{ id: ${name}, path: /**, upstream: ${name}, websocket: true, cors: [{ allowOrigins: ["${APP}"], allowMethods: [GET] }] }]
`
const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: a.example\r\n${headers.map(header => `${header}\r\n`).join('')}\r\n`
const MALFORMED = 'GET / HTTP/1.1\r\nHo st: a\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** `/slow` is answered when it is told to be, everything else at once. */
async function start(t: Test) {
  const slow: (() => void)[] = []
  const upstream = await rawUpstream(t, async connection => {
    for (let request = await connection.request(); request; request = await connection.request()) {
      if (request.target === '/slow') await new Promise<void>(resolve => slow.push(resolve))
      connection.write(OK)
    }
  })
  const gateway = await startGateway(t, {
    policy: policyOf(upstream.origin),
    flags: ['--audit', 'all', '--policy-poll', '100ms'],
  })
  return { upstream, gateway, slow }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 10))
}

async function metric(gateway: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text()
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
}

const decided = (gateway: TestGateway) =>
  gateway.records
    .filter(({ event }) => event.startsWith('cors.'))
    .map(({ path, status, reason }) => `${path} ${status} ${reason}`)
    .sort()

t.test('what is wrong behind a request costs it nothing, and is recorded by itself', async t => {
  const cases: Record<string, [bytes: string, statuses: number[], records: string[]]> = {
    'behind one that waits': [
      get('/slow') + MALFORMED,
      [200],
      [' 400 request-malformed', '/slow 200 not-cors'],
    ],
    'behind two': [
      get('/slow') + get('/fast') + MALFORMED,
      [200, 200],
      [' 400 request-malformed', '/fast 200 not-cors', '/slow 200 not-cors'],
    ],
    'behind a denied one': [
      get('/', `Origin: ${EVIL}`) + MALFORMED,
      [403],
      [' 400 request-malformed', '/ 403 origin-not-allowed'],
    ],
    'in the body of a denied one': [
      `POST / HTTP/1.1\r\nHost: a.example\r\nOrigin: ${EVIL}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      [403],
      ['/ 403 origin-not-allowed'],
    ],
    'behind one that ends the connection': [
      `${get('/slow', 'Connection: close')}whatever\r\n\r\n`,
      [200],
      ['/slow 200 not-cors'],
    ],
    'chunks of HTTP/1.0': [
      `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get('/fast')}`,
      [400],
      ['/ 400 request-malformed'],
    ],
  }
  for (const [what, [bytes, statuses, records]] of Object.entries(cases)) {
    const { gateway, slow } = await start(t)
    const client = await rawClient(t, gateway.port)
    client.send(bytes)
    if (bytes.includes('/slow')) {
      await until(() => slow.length > 0)
      slow[0]?.()
    }
    for (const status of statuses) t.equal((await client.response()).status, status, what)
    t.equal(await client.closed, 'end', `${what}: the connection ends`)
    await until(() => decided(gateway).length >= records.length)
    t.same(decided(gateway), records, what)
  }
})

t.test('requests whose client is gone are not counted for ever', async t => {
  const { gateway, slow } = await start(t)
  const leave = async (bytes: string): Promise<void> => {
    const client = await rawClient(t, gateway.port)
    const before = slow.length
    client.send(get('/slow') + bytes)
    await until(() => slow.length > before)
    client.reset()
  }
  await leave(get('/', `Origin: ${EVIL}`).repeat(20))
  await leave(get('/slow').repeat(29))
  await leave(`GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${get('/fast').repeat(10)}`)
  await until(async () => (await metric(gateway, 'crossgate_requests_in_flight')) === 0)
  t.pass('none is in flight')
})

t.test('a client that ends in the turn in which its 101 comes leaves nothing open', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.head()
    connection.socket.on('end', () => connection.end())
  })
  const gateway = await startGateway(t, { policy: policyOf(upstream.origin) })
  const handshake = get(
    '/',
    `Origin: ${APP}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  )
  const clients: RawClient[] = []
  for (let index = 0; index < 20; index++) {
    const client = await rawClient(t, gateway.port)
    client.send(handshake)
    clients.push(client)
    await (await upstream.connection(index)).arrived()
  }
  // Stopped, it finds both when it goes on.
  gateway.child.kill('SIGSTOP')
  for (const { socket } of clients) socket.end()
  const ended = upstream.connections.map(({ socket }) => closed(socket))
  for (const connection of upstream.connections) {
    connection.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello',
    )
  }
  gateway.child.kill('SIGCONT')
  await Promise.all(ended)
  await until(async () => (await metric(gateway, 'crossgate_websockets_open')) === 0)
  t.pass('no connection to the upstream, and no WebSocket is open')
})

t.test('a request that outlives its upstream’s name makes no series of it', async t => {
  const { gateway, upstream, slow } = await start(t)
  const client = await rawClient(t, gateway.port)
  client.send(get('/slow'))
  await until(() => slow.length > 0)
  writeFileSync(join(gateway.dir, 'policy.yaml'), policyOf(upstream.origin, 'renamed'))
  await gateway.record(({ event, trigger }) => event === 'policy.loaded' && trigger !== 'start')
  slow[0]?.()
  t.equal((await client.response()).status, 200)
  const series = async () =>
    (await (await fetch(`${gateway.admin}/metrics`)).text()).match(/^crossgate_.*"api".*/gm)
  t.equal(await series(), null, 'the old name is gone')
})

t.test('a name under which nobody connects is one server', async t => {
  const { upstream } = await start(t)
  const gateway = await startGateway(t, {
    policy: policyOf(upstream.origin),
    flags: ['--listen', 'localhost:0'],
  })
  const open = await Promise.all(['127.0.0.1', '::1'].map(host => reaches(host, gateway.port)))
  t.equal(open.filter(Boolean).length, 1, 'one address of localhost')
})

async function reaches(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  const event = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return event
}

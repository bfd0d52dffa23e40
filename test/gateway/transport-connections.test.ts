import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { type RawClient, rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { type GatewayOptions, GET, gateway, HEAD, nextIsClean, post } from './bare-transport.js'

t.test('a refused connection is 502', async t => {
  const { port, outcome, pool } = await gateway(t, 'http://127.0.0.1:1')
  const client = await rawClient(t, port)
  for (const request of [GET, post('x')]) {
    client.send(request)
    const response = await client.response()
    t.equal(response.status, 502)
    t.notMatch(response.body.toString(), /127|ECONN/, 'nothing of what is behind')
  }
  t.match(await outcome(), { result: 'bad-gateway', status: undefined, code: 'ECONNREFUSED' })
  await Promise.resolve()
  t.equal(pool.active, 0)
})

t.test('a connection that is not made in time is 504', async t => {
  // A TLS client to a server that never says anything: connected, but not to the end.
  const upstream = await rawUpstream(t, () => {})
  const { port } = await gateway(t, upstream.origin.replace('http:', 'https:'), {
    timeouts: { connect: 300, headers: 5_000, idle: 5_000 },
  })
  const client = await rawClient(t, port)
  client.send(GET)
  t.equal((await client.response()).status, 504)

  client.send(GET)
  const connection = await upstream.connection(1)
  client.reset()
  connection.socket.on('end', () => connection.end())
  await connection.closed
  t.pass('and a client that leaves meanwhile ends the attempt')
})

t.test('TLS of the upstream is verified', async t => {
  const read = (name: string): Buffer => readFileSync(`test/fixtures/tls/${name}.pem`)
  const ca = read('ca')
  const cases: [what: string, cert: string, options: GatewayOptions, status: number][] = [
    ['signed by the ca', 'server', { material: { ca } }, 200],
    ['ca not given', 'server', {}, 502],
    ['self-signed', 'self-signed', {}, 502],
    ['self-signed, other ca', 'self-signed', { material: { ca } }, 502],
    ['self-signed, skipped', 'self-signed', { tls: { dangerouslySkipVerify: true } }, 200],
    ['wrong name', 'wrong-name', { material: { ca } }, 502],
    [
      'wrong name, but the one in the policy',
      'wrong-name',
      { material: { ca }, tls: { serverName: 'elsewhere.test', dangerouslySkipVerify: false } },
      200,
    ],
    ['expired', 'expired', { material: { ca } }, 502],
  ]
  for (const [what, name, options, status] of cases) {
    const upstream = await rawUpstream(t, always(ok('x')), { cert: read(name), key: read(`${name}-key`) })
    const { port } = await gateway(t, upstream.origin, options)
    const client = await rawClient(t, port)
    // Twice: a failed handshake must not wedge the pool.
    for (const turn of ['first', 'second']) {
      client.send(GET)
      t.equal((await client.response()).status, status, `${what}, ${turn}`)
    }
  }
})

t.test('a reset before the head', async t => {
  const cases: [method: string, request: string, attempts: number][] = [
    ['GET', GET, 2],
    ['HEAD', HEAD, 2],
    ['OPTIONS', GET.replace('GET', 'OPTIONS'), 2],
    ['POST', post('x'), 1],
    ['POST without a body', post(''), 1],
    ['DELETE', GET.replace('GET', 'DELETE'), 1],
    ['GET with a body', post('x').replace('POST', 'GET'), 1],
  ]
  for (const [what, request, attempts] of cases) {
    for (const reused of [false, true]) {
      const upstream = await rawUpstream(t, async connection => {
        if (reused && upstream.requests.length === 0) {
          await connection.request()
          connection.write(ok('clean'))
        }
        await connection.request()
        connection.reset()
      })
      const { port } = await gateway(t, upstream.origin)
      const client = await rawClient(t, port)
      if (reused) await nextIsClean(t, client)
      const before = upstream.requests.length
      client.send(request)
      t.equal((await client.response(request === HEAD ? 'HEAD' : 'GET')).status, 502, what)
      // Only of a connection that was idle is it likely that the upstream never read the request.
      const expected = reused ? attempts : 1
      t.equal(
        upstream.requests.length - before,
        expected,
        `${what}, reused: ${reused}: ${expected} at the upstream`,
      )
    }
  }
})

t.test('a connection that dies while idle costs a GET nothing', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write(ok('clean'))
    // The race: the next request is on its way when the upstream gives up.
    await connection.head()
    connection.reset()
  })
  const { port, pool } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  await nextIsClean(t, client)
  await nextIsClean(t, client)
  t.equal(upstream.connections.length, 2)
  t.equal(pool.active, 0)
})

t.test('no retry once a byte of the answer has come', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.socket.write('HTTP/1.1 200 OK\r\nX-', () => connection.end())
  })
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(GET)
  t.equal((await client.response()).status, 502)
  t.equal(upstream.requests.length, 1)
})

t.test('a connection is not used for more than a minute', async t => {
  const upstream = await rawUpstream(t, always(ok('clean')))
  const { port } = await gateway(t, upstream.origin, { connections: 1 })
  const client = await rawClient(t, port)
  await nextIsClean(t, client)
  await nextIsClean(t, client)
  t.equal(upstream.connections.length, 1)
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + 61_000
  await nextIsClean(t, client)
  t.equal(upstream.connections.length, 2, 'so that it follows a change of address')
})

t.test('an idle connection is closed before its upstream closes it', async t => {
  // Up to what was said, or for the last two, where nothing is late enough, to what a second more would be.
  const cases: readonly (readonly [said: string, from: number, to: number])[] = [
    ['', 3_900, 5_000],
    ['Keep-Alive: timeout=3\r\n', 900, 3_000],
    ['keep-alive: max=100, Timeout = 7\r\n', 4_900, 7_000],
    ['Keep-Alive: timeout=2\r\n', 0, 1_000],
    ['Keep-Alive: timeout=0\r\n', 0, 1_000],
  ]
  await Promise.all(
    cases.map(async ([said, from, to]) => {
      // The script ends where the gateway has closed.
      const upstream = await rawUpstream(t, connection =>
        always(ok('x', said))(connection).then(() => connection.end()),
      )
      const { port, outcome } = await gateway(t, upstream.origin)
      const client = await rawClient(t, port)
      client.send(GET)
      await client.response()
      await outcome()
      const parked = performance.now()
      await (await upstream.connection(0)).closed
      const idle = performance.now() - parked
      t.ok(idle >= from && idle < to, `${said.trim()}: ${Math.round(idle)} ms`)
    }),
  )
})

t.test('the latest answer says how long a connection is kept', async t => {
  const upstream = await rawUpstream(t, async connection => {
    for (const timeout of [60, 3]) {
      await connection.request()
      connection.write(ok('x', `Keep-Alive: timeout=${timeout}\r\n`))
    }
    await connection.request()
    connection.end()
  })
  const { port, outcome } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  for (const turn of [0, 1]) {
    client.send(GET)
    await client.response()
    await outcome(turn)
  }
  const parked = performance.now()
  await (await upstream.connection(0)).closed
  const idle = performance.now() - parked
  t.ok(idle >= 900 && idle < 3_000, `${Math.round(idle)} ms`)
})

t.test('a connection that is taken just as its time runs out serves', async t => {
  const upstream = await rawUpstream(t, always(ok('here', 'Keep-Alive: timeout=3\r\n')))
  let busy = 0
  const { port, outcome } = await gateway(t, upstream.origin, {
    prepare() {
      // The loop is late: the timer is due before the request that has the connection is on its way.
      const until = performance.now() + busy
      while (performance.now() < until);
    },
  })
  const client = await rawClient(t, port)
  client.send(GET)
  t.equal((await client.response()).status, 200)
  await outcome(0)
  await wait(950)
  busy = 100
  client.send(GET)
  t.equal((await client.response()).status, 200)
})

t.test('the queue is bounded and one that leaves it is forgotten', async t => {
  const upstream = await rawUpstream(t, () => {})
  const { port, pool, outcome } = await gateway(t, upstream.origin, { connections: 2, queue: 3 })
  const clients: RawClient[] = []
  for (let count = 0; count < 5; count++) {
    const client = await rawClient(t, port)
    client.send(GET)
    clients.push(client)
  }
  for (const index of [0, 1]) await (await upstream.connection(index)).arrived()
  const late = await rawClient(t, port)
  const asked = performance.now()
  late.send(GET)
  t.equal((await late.response()).status, 503)
  t.ok(performance.now() - asked < 2_500, 'at once, and not when headers would be late')
  t.same([pool.active, pool.waiting], [2, 3])
  late.send(post('x'.repeat(1_000), 'Expect: 100-continue\r\n').slice(0, -1_000))
  t.equal((await late.response()).status, 503, 'and nobody is told to send a body for nothing')

  for (const client of clients.slice(2)) client.reset()
  for (let index = 0; index < 5; index++) await outcome(index)
  t.equal(pool.waiting, 0)
  t.equal(upstream.connections.length, 2, 'no request of theirs was sent')
})

t.test('a pool that closes keeps no connection', async t => {
  const upstream = await rawUpstream(t, async connection => {
    while (await connection.request()) connection.write(ok('clean'))
  })
  const { port, pool } = await gateway(t, upstream.origin, {
    // While the answer is on its way, its connection is not idle yet.
    prepare: () => void pool.close(),
  })
  const started = performance.now()
  await nextIsClean(t, await rawClient(t, port))
  const { socket } = await upstream.connection(0)
  if (!socket.readableEnded) await once(socket, 'end')
  t.ok(performance.now() - started < 3_000, 'at once, and not when an idle one would be')
  t.equal(pool.active, 0)
})

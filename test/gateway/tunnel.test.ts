import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { decision } from '../../src/cors/decision.js'
import { answerFault } from '../../src/gateway/exchange/answer-fault.js'
import type { UpstreamOutcome } from '../../src/gateway/exchange/exchange.js'
import { requestHeaders } from '../../src/gateway/forward/request-headers.js'
import { clientHeaders } from '../../src/gateway/forward/response-headers.js'
import type { Failure } from '../../src/gateway/upstream/failure.js'
import { type PoolOptions, UpstreamPool } from '../../src/gateway/upstream/upstream-pool.js'
import { type Tunnel, tunnel } from '../../src/gateway/websocket/tunnel.js'
import { rawClient } from '../helpers/raw-client.js'
import { always, ok, type RawConnection, rawUpstream } from '../helpers/raw-upstream.js'

const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: api.test\r\nOrigin: https://a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n\r\n'
const SWITCH =
  'HTTP/1.1 101 Whatever\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n' +
  'Sec-WebSocket-Protocol: b\r\nContent-Length: 5\r\nAccess-Control-Allow-Origin: *\r\n\r\n'

const ALLOWED = decision('websocket', 'origin-allowed')

interface Gateway {
  readonly port: number
  readonly pool: UpstreamPool
  readonly tunnels: Tunnel[]
  readonly outcomes: UpstreamOutcome[]
  /** Resolves when so many tunnels have closed. */
  closed(count: number): Promise<void>
}

async function gateway(t: Test, origin: string, changes: Partial<PoolOptions> = {}): Promise<Gateway> {
  const pool = new UpstreamPool({
    origin,
    tls: { dangerouslySkipVerify: false },
    timeouts: { connect: 1_000, headers: 5_000, idle: 5_000 },
    connections: 4,
    queue: 4,
    ...changes,
  })
  const tunnels: Tunnel[] = []
  const outcomes: UpstreamOutcome[] = []
  const events = new EventEmitter()
  let closed = 0
  // Never answers: the first of two pipelined requests.
  const server = createServer(() => {})
  server.on('upgrade', (request, socket, head) => {
    tunnels.push(
      tunnel({
        socket,
        head,
        limits: { idle: 60_000, lifetime: 60_000 },
        exchange: {
          request,
          pool,
          path: request.url!,
          headers: requestHeaders(request.rawHeaders, {
            authority: pool.authority,
            requestId: 'r1',
            forwarded: [],
          }),
          responseHeaders: (_status, raw) => clientHeaders(ALLOWED, raw).headers,
          answerFailure: (failure: Failure, response) =>
            response.writeHead(500, ['Content-Length', String(failure.length)]).end(failure),
          answerFault: (error, response) => {
            t.fail('there was a fault', { error })
            answerFault(request, response)
          },
          onUpstream: outcome => outcomes.push(outcome),
        },
        onClose: () => {
          closed++
          events.emit('close')
        },
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const { close } of tunnels) close()
    server.closeAllConnections()
    server.close()
    void pool.close()
  })
  return {
    port: (server.address() as { port: number }).port,
    pool,
    tunnels,
    outcomes,
    async closed(count) {
      while (closed < count) await once(events, 'close')
    },
  }
}

/** Answers the handshake and then echoes, until the peer ends. */
async function echo(connection: RawConnection): Promise<void> {
  await connection.request()
  connection.write(SWITCH)
  for (let bytes = await connection.bytes(1); bytes; bytes = await connection.bytes(1))
    connection.write(bytes)
  connection.write('bye')
  connection.end()
}

t.test('relays the handshake and the bytes', async t => {
  const upstream = await rawUpstream(t, echo)
  const { port, pool, tunnels, outcomes, closed } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(`${HANDSHAKE}early`)
  const response = await client.response()
  t.equal(response.status, 101)
  t.same(response.all('upgrade'), ['websocket'])
  t.same(response.all('content-length'), [], 'a 1xx has none')
  t.same(response.all('connection'), ['Upgrade'])
  t.same(response.all('sec-websocket-accept'), ['s3pPLMBiTxaQ9kYGzzhZRbK+xOo='])
  t.same(response.all('sec-websocket-protocol'), ['b'])
  t.same(response.all('access-control-allow-origin'), [])
  t.equal((await client.bytes(5)).toString(), 'early', 'what came with the handshake')
  client.send('later')
  t.equal((await client.bytes(5)).toString(), 'later')

  const [request] = upstream.requests
  t.match(request?.head, /\r\nConnection: Upgrade\r\nUpgrade: websocket(?:\r\n|$)/)
  t.match(request?.head, /\r\nSec-WebSocket-Protocol: a, b\r\n/)
  t.match(request?.head, /\r\nOrigin: https:\/\/a\.test\r\n/, 'the upstream can check it too')
  t.match(outcomes, [{ result: 'upgraded', status: 101 }])
  t.equal(pool.active, 0, 'an open tunnel holds no slot')
  t.equal(tunnels[0]?.open, true)

  client.socket.end()
  t.equal((await client.bytes(3)).toString(), 'bye', 'one side may end while the other still answers')
  t.equal(await client.closed, 'end')
  await closed(1)
  t.equal(tunnels[0]?.open, false)
})

t.test('bytes of the upstream behind its 101', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write(`${SWITCH}hello`)
  })
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(HANDSHAKE)
  t.equal((await client.response()).status, 101)
  t.equal((await client.bytes(5)).toString(), 'hello')
})

t.test('a refusal of the upstream is relayed as it is', async t => {
  const answers: [what: string, answer: string, body: string][] = [
    ['length', 'HTTP/1.1 403 No\r\nX-Why: origin\r\nContent-Length: 4\r\n\r\nnope', 'nope'],
    [
      'chunked',
      'HTTP/1.1 403 No\r\nX-Why: origin\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n0\r\n\r\n',
      'nope',
    ],
    [
      'long',
      ok('x'.repeat(3_000_000), 'X-Why: origin\r\n').replace('200 OK', '403 No'),
      'x'.repeat(3_000_000),
    ],
  ]
  for (const [what, answer, body] of answers) {
    const upstream = await rawUpstream(t, always(answer))
    const { port, pool, outcomes } = await gateway(t, upstream.origin)
    const client = await rawClient(t, port)
    client.send(`${HANDSHAKE}frames nobody reads`)
    const response = await client.response()
    t.equal(response.status, 403, what)
    t.same(response.all('x-why'), ['origin'])
    t.same(response.all('connection'), ['close'])
    t.ok(response.complete)
    t.equal(response.body.toString(), body)
    t.equal(await client.closed, 'end', 'in order')
    t.match(outcomes, [{ result: 'complete', status: 403 }])
    t.equal(pool.active, 0)
    // Not for another request: many a server reads no HTTP behind an upgrade that it refused.
    const { socket } = await upstream.connection(0)
    const answered = performance.now()
    if (!socket.readableEnded) await once(socket, 'end')
    t.ok(
      performance.now() - answered < 3_000,
      'its connection is closed, and not by the time that one may be idle',
    )
  }
})

t.test('an upstream that does not answer well is refused by us', async t => {
  const cases: [what: string, script: (connection: RawConnection) => unknown, failure: Failure][] = [
    ['silence', () => {}, 'gateway-timeout'],
    ['garbage', connection => connection.write('garbage\r\n\r\n'), 'bad-gateway'],
    ['end', connection => connection.end(), 'bad-gateway'],
    ['101 to something else', connection => connection.write('HTTP/1.1 101 X\r\n\r\n'), 'bad-gateway'],
  ]
  for (const [what, script, failure] of cases) {
    const upstream = await rawUpstream(t, async connection => {
      await connection.request()
      script(connection)
    })
    const { port, pool, closed } = await gateway(t, upstream.origin, {
      timeouts: { connect: 500, headers: 500, idle: 500 },
    })
    const client = await rawClient(t, port)
    client.send(HANDSHAKE)
    const response = await client.response()
    t.same([response.status, response.body.toString()], [500, failure], what)
    t.equal(await client.closed, 'end')
    client.socket.end()
    await closed(1)
    t.equal(pool.active, 0)
  }
})

t.test('refused connection and full pool', async t => {
  const refused = await gateway(t, 'http://127.0.0.1:1')
  const client = await rawClient(t, refused.port)
  client.send(HANDSHAKE)
  t.equal((await client.response()).body.toString(), 'bad-gateway')

  const upstream = await rawUpstream(t, () => {})
  const full = await gateway(t, upstream.origin, { connections: 1, queue: 0 })
  const first = await rawClient(t, full.port)
  first.send(HANDSHAKE)
  await (await upstream.connection(0)).arrived()
  const second = await rawClient(t, full.port)
  second.send(HANDSHAKE)
  t.equal((await second.response()).body.toString(), 'overloaded')
})

t.test('a reset of the client', async t => {
  await t.test('in the handshake', async t => {
    const upstream = await rawUpstream(t, () => {})
    const { port, pool, outcomes, closed } = await gateway(t, upstream.origin)
    const client = await rawClient(t, port)
    client.send(HANDSHAKE)
    const connection = await upstream.connection(0)
    await connection.arrived()
    connection.socket.on('end', () => connection.end())
    client.reset()
    await connection.closed
    await closed(1)
    t.match(outcomes, [{ result: 'client-left' }])
    t.equal(pool.active, 0)
  })

  await t.test('in the tunnel', async t => {
    const upstream = await rawUpstream(t, echo)
    const { port, closed } = await gateway(t, upstream.origin)
    const client = await rawClient(t, port)
    client.send(`${HANDSHAKE}x`)
    await client.response()
    await client.bytes(1)
    client.reset()
    await (await upstream.connection(0)).closed
    await closed(1)
  })
})

t.test('what a client sends before the 101', async t => {
  await t.test('an end behind it is noticed', async t => {
    const upstream = await rawUpstream(t, connection => {
      connection.socket.on('end', () => connection.end())
    })
    const { port, outcomes, closed } = await gateway(t, upstream.origin, {
      timeouts: { connect: 1_000, headers: 60_000, idle: 60_000 },
    })
    for (const [index, size] of [1, 20_000, 60_000].entries()) {
      const client = await rawClient(t, port)
      client.send(HANDSHAKE)
      await (await upstream.connection(index)).arrived()
      client.send('x'.repeat(size))
      client.socket.end()
      await closed(index + 1)
    }
    t.match(
      outcomes.map(({ result }) => result),
      ['client-left', 'client-left', 'client-left'],
    )
  })

  await t.test('arrives whole and in order behind it, however much', async t => {
    let go = (): void => {}
    const sent = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `${index},`).join(''))
    let received: Buffer | undefined
    const upstream = await rawUpstream(t, async connection => {
      await connection.request()
      await new Promise<void>(resolve => {
        go = resolve
      })
      connection.write(SWITCH)
      received = await connection.bytes(sent.length)
      connection.write('got')
    })
    const { port } = await gateway(t, upstream.origin)
    const client = await rawClient(t, port)
    client.send(HANDSHAKE)
    await (await upstream.connection(0)).arrived()
    client.send(sent.subarray(0, 10))
    client.socket.write(sent.subarray(10, 200_000))
    // More than is kept has come by the time that a second connection is there.
    await rawClient(t, port)
    go()
    t.equal((await client.response()).status, 101)
    client.socket.write(sent.subarray(200_000))
    t.equal((await client.bytes(3)).toString(), 'got')
    t.ok(received?.equals(sent))
  })
})

t.test('a reset of the upstream', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write(SWITCH)
    await connection.bytes(1)
    connection.reset()
  })
  const { port, closed } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(HANDSHAKE)
  await client.response()
  client.send('x')
  await client.closed
  await closed(1)
})

t.test('close breaks off, in the handshake and in the tunnel', async t => {
  const upstream = await rawUpstream(t, async connection => {
    connection.socket.on('end', () => connection.end())
    if (upstream.connections.length > 1) await echo(connection)
  })
  const { port, tunnels, closed } = await gateway(t, upstream.origin)
  for (const index of [0, 1]) {
    const client = await rawClient(t, port)
    client.send(HANDSHAKE)
    const connection = await upstream.connection(index)
    if (index === 1) await client.response()
    else await connection.arrived()
    tunnels[index]?.close()
    await client.closed
    await connection.closed
  }
  await closed(2)
})

t.test('an upgrade behind a request that is not answered', async t => {
  const upstream = await rawUpstream(t, echo)
  const { port, closed } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${HANDSHAKE}`)
  await client.closed
  await closed(1)
  t.equal(upstream.connections.length, 0)
})

t.test('a side that stops reading stops the other', async t => {
  const block = Buffer.alloc(1_000_000)
  let sent = 0
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write(SWITCH)
    for (; sent < 200 && !connection.socket.destroyed; sent++)
      if (!connection.socket.write(block))
        await Promise.race([once(connection.socket, 'drain'), connection.closed])
  })
  const { port, tunnels } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(HANDSHAKE)
  await client.response()
  client.socket.pause()
  // Until nothing has moved for a while: the one thing that no event tells.
  for (let before = -1; before !== sent; ) {
    before = sent
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  t.ok(sent < 50, `of 200 MB ${sent} were taken`)
  t.ok(process.memoryUsage().arrayBuffers < 150_000_000)
  tunnels[0]?.close()
})

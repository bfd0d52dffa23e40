import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { UpstreamOutcome } from '../../src/gateway/exchange/exchange.js'
import { forward } from '../../src/gateway/exchange/transport.js'
import { requestHeaders } from '../../src/gateway/forward/request-headers.js'
import type { TlsMaterial } from '../../src/gateway/upstream/dial.js'
import type { Failure } from '../../src/gateway/upstream/failure.js'
import { type PoolOptions, UpstreamPool } from '../../src/gateway/upstream/upstream-pool.js'
import { isHopByHop, nominatedByResponse } from '../../src/http/hop-by-hop.js'
import { type RawClient, rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'

const STATUS: Record<Failure, number> = {
  'bad-gateway': 502,
  'gateway-timeout': 504,
  overloaded: 503,
  'payload-too-large': 413,
  'request-timeout': 408,
  'audit-unavailable': 503,
}

interface Gateway {
  readonly port: number
  readonly pool: UpstreamPool
  readonly outcomes: UpstreamOutcome[]
  /** The nth outcome, now or when it comes. */
  outcome(index?: number): Promise<UpstreamOutcome>
}

interface GatewayOptions extends Partial<PoolOptions> {
  bodyLimit?: number
  material?: TlsMaterial
  responseHeaders?: (raw: readonly string[]) => string[]
  prepare?: (response: ServerResponse) => void
}

/** The transport behind a bare Node server, which is all that it needs. */
async function gateway(t: Test, origin: string, options: GatewayOptions = {}): Promise<Gateway> {
  const {
    bodyLimit = 1_000_000,
    material,
    responseHeaders: headersOf = responseHeaders,
    prepare,
    ...pool
  } = options
  const upstreamPool = new UpstreamPool(
    {
      origin,
      tls: { dangerouslySkipVerify: false },
      timeouts: { connect: 1_000, headers: 5_000, idle: 5_000 },
      connections: 4,
      queue: 4,
      ...pool,
    },
    material,
  )
  const outcomes: UpstreamOutcome[] = []
  const events = new EventEmitter()
  const handle = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    prepare?.(response)
    forward({
      request,
      response,
      pool: upstreamPool,
      path: request.url!,
      headers: requestHeaders(request.rawHeaders, {
        authority: upstreamPool.authority,
        requestId: 'r1',
        forwarded: [],
      }),
      bodyLimit,
      expectsContinue,
      responseHeaders: (_status, raw) => headersOf(raw),
      refuse: failure =>
        response.writeHead(STATUS[failure], ['Content-Length', String(failure.length)]).end(failure),
      onUpstream: outcome => {
        outcomes.push(outcome)
        events.emit('outcome')
      },
    })
  }
  const server = createServer((request, response) => handle(request, response, false))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    handle(request, response, true),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
    upstreamPool.destroy()
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    pool: upstreamPool,
    outcomes,
    async outcome(index = 0) {
      while (outcomes.length <= index) await once(events, 'outcome')
      return outcomes[index]!
    },
  }
}

function responseHeaders(text: readonly string[]): string[] {
  const connection = text.filter(
    (_, index) => index % 2 === 1 && text[index - 1]!.toLowerCase() === 'connection',
  )
  const nominated = nominatedByResponse(connection)
  const headers: string[] = []
  for (let index = 0; index < text.length; index += 2) {
    const lower = text[index]!.toLowerCase()
    if (!isHopByHop(lower) && !nominated.has(lower)) headers.push(text[index]!, text[index + 1]!)
  }
  return headers
}

const GET = 'GET /a?b=%2F HTTP/1.1\r\nHost: api.test\r\n\r\n'
const HEAD = GET.replace('GET', 'HEAD')

function post(body: string, headers = ''): string {
  return `POST / HTTP/1.1\r\nHost: api.test\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`
}

/** That the connection and the pool are as good as new. */
async function nextIsClean(t: Test, client: RawClient): Promise<void> {
  client.send(GET)
  const response = await client.response()
  t.same(
    [response.status, response.body.toString(), response.complete],
    [200, 'clean', true],
    'the next is clean',
  )
}

t.test('a request and its answer', async t => {
  const upstream = await rawUpstream(
    t,
    always(
      'HTTP/1.1 201 Sure thing\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nX-Latin: caf\xe9\r\nset-cookie: b=1\r\n' +
        'Set-Cookie: a=2\r\nSET-COOKIE: b=1\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello',
    ),
  )
  const { port, pool, outcome } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(
    post('some body', 'x-MiXed: 1\r\nX-Mixed: caf\xe9\r\nConnection: x-hop\r\nX-Hop: 1\r\nTE: trailers\r\n'),
  )
  const response = await client.response()
  t.equal(response.status, 201)
  t.match(response.head, /^HTTP\/1\.1 201 Created\r\n/, 'not the upstream reason phrase')
  t.same(response.all('set-cookie'), ['b=1', 'a=2', 'b=1'], 'cookies in order')
  t.same(response.all('x-latin'), ['caf\xe9'])
  t.same(response.all('date'), ['Thu, 01 Jan 2026 00:00:00 GMT'], 'one date')
  t.equal(response.body.toString(), 'hello')
  const [request] = upstream.requests
  t.equal(request?.body.toString(), 'some body')
  t.same(
    request?.headers.filter(([name]) => !/^(connection|host)$/i.test(name)),
    [
      ['x-MiXed', '1'],
      ['X-Mixed', 'caf\xe9'],
      ['Content-Length', '9'],
      ['X-Request-Id', 'r1'],
    ],
  )
  t.same(
    request?.headers.filter(([name]) => name.toLowerCase() === 'host'),
    [['Host', pool.authority]],
  )
  t.match(await outcome(), { result: 'complete', status: 201, code: undefined })

  client.send(GET)
  await client.response()
  t.equal(upstream.requests[1]?.target, '/a?b=%2F', 'the exact bytes')
  t.equal(upstream.connections.length, 1, 'over the same connection')
})

t.test('hop-by-hop headers of the answer, nominated ones too', async t => {
  const upstream = await rawUpstream(
    t,
    always(
      ok(
        'x',
        'Connection: X-Internal, keep-alive\r\nx-internal: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nVary: a\r\n',
      ),
    ),
  )
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(GET)
  const response = await client.response()
  for (const name of ['x-internal', 'proxy-authenticate']) t.same(response.all(name), [], name)
  t.same(response.all('connection'), ['keep-alive'], 'ours')
  t.same(response.all('vary'), ['a'])
})

t.test('framing', async t => {
  const cases: [what: string, request: string, answer: string, expected: object][] = [
    [
      'HEAD keeps the length',
      HEAD,
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      { length: ['5'], coding: [] },
    ],
    ['HEAD without a length', HEAD, 'HTTP/1.1 200 OK\r\n\r\n', { length: [], coding: [] }],
    ['204', GET, 'HTTP/1.1 204 No Content\r\n\r\n', { length: [], coding: [] }],
    ['304', GET, 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', { length: [], coding: [] }],
    [
      '304 with a length',
      GET,
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      { length: ['5'], coding: [] },
    ],
    ['empty', GET, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', { length: ['0'], coding: [] }],
    ['length', GET, ok('hello'), { length: ['5'], coding: [], body: 'hello' }],
    [
      'chunks and trailers',
      GET,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nx-sum: 1\r\n\r\n',
      { length: [], coding: ['chunked'], body: 'hello' },
    ],
    ['until close', GET, 'HTTP/1.0 200 OK\r\n\r\nhello', { length: [], coding: ['chunked'], body: 'hello' }],
    ['599', GET, 'HTTP/1.1 599 X\r\nContent-Length: 0\r\n\r\n', { status: 599, length: ['0'], coding: [] }],
    [
      'hints before the answer',
      GET,
      `HTTP/1.1 103 Early Hints\r\nAccess-Control-Allow-Origin: *\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok('x')}`,
      { length: ['1'], coding: [], body: 'x' },
    ],
  ]
  for (const [what, request, answer, expected] of cases) {
    await t.test(what, async t => {
      let first = true
      const upstream = await rawUpstream(t, async connection => {
        for (; await connection.request(); first = false) {
          connection.write(first ? answer : ok('clean'))
          if (answer.startsWith('HTTP/1.0')) connection.end()
        }
      })
      const { port } = await gateway(t, upstream.origin)
      const client = await rawClient(t, port)
      client.send(request)
      const response = await client.response(request === HEAD ? 'HEAD' : 'GET')
      t.ok(response.complete)
      t.match(
        { length: response.all('content-length'), coding: response.all('transfer-encoding') },
        {
          length: (expected as { length: string[] }).length,
          coding: (expected as { coding: string[] }).coding,
        },
      )
      t.equal(response.body.toString(), (expected as { body?: string }).body ?? '')
      t.equal(response.all('access-control-allow-origin').length, 0)
      client.send('GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      const next = await client.response()
      t.ok(next.complete, 'the connection goes on')
    })
  }
})

t.test('answers that are no HTTP are 502, and none of their text is shown', async t => {
  const cases: [what: string, answer: string][] = [
    ['garbage', 'SECRET\r\n\r\n'],
    ['status 099', 'HTTP/1.1 099 SECRET\r\nContent-Length: 0\r\n\r\n'],
    ['status 600', 'HTTP/1.1 600 SECRET\r\nContent-Length: 0\r\n\r\n'],
    ['101 that nobody asked for', 'HTTP/1.1 101 SECRET\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['101 without Upgrade', 'HTTP/1.1 101 SECRET\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nSECRET'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nSECRET\r\n0\r\n\r\n',
    ],
    ['bad length', 'HTTP/1.1 200 OK\r\nContent-Length: 6x\r\n\r\nSECRET'],
    ['70 KB of headers', `HTTP/1.1 200 OK\r\nX-Secret: ${'SECRET'.repeat(12_000)}\r\n\r\n`],
    ['200 hints', `${'HTTP/1.1 103 SECRET\r\n\r\n'.repeat(200)}${ok('SECRET')}`],
  ]
  for (const [what, answer] of cases) {
    await t.test(what, async t => {
      let first = true
      const upstream = await rawUpstream(t, async connection => {
        for (; await connection.request(); first = false) connection.write(first ? answer : ok('clean'))
      })
      const { port, pool } = await gateway(t, upstream.origin)
      const client = await rawClient(t, port)
      client.send(GET)
      const response = await client.response()
      t.equal(response.status, 502)
      t.notMatch(response.head + response.body.toString(), 'SECRET')
      first = false
      await nextIsClean(t, client)
      t.equal(pool.waiting, 0)
    })
  }
})

t.test('headers that cannot be written are 502', async t => {
  const upstream = await rawUpstream(t, always(ok('x')))
  for (const responseHeaders of [
    () => ['X-Bad', 'a\r\nb'],
    () => ['X Bad', 'a'],
    () => {
      throw new Error('no')
    },
  ]) {
    const { port } = await gateway(t, upstream.origin, { responseHeaders })
    const client = await rawClient(t, port)
    client.send(GET)
    t.equal((await client.response()).status, 502)
  }
})

t.test('bytes after an answer are never the next answer', async t => {
  let first = true
  const upstream = await rawUpstream(t, async connection => {
    for (; await connection.request(); first = false)
      connection.write(first ? ok('clean') + ok('poison') : ok('clean'))
  })
  const { port } = await gateway(t, upstream.origin, { connections: 1 })
  const client = await rawClient(t, port)
  client.send(GET + GET + GET)
  for (let count = 0; count < 3; count++) t.equal((await client.response()).body.toString(), 'clean')
})

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

t.test('a reset before the head', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.reset()
  })
  const { port } = await gateway(t, upstream.origin)
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
    const before = upstream.requests.length
    const client = await rawClient(t, port)
    client.send(request)
    t.equal((await client.response(request === HEAD ? 'HEAD' : 'GET')).status, 502, what)
    t.equal(upstream.requests.length - before, attempts, `${what}: ${attempts} at the upstream`)
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

t.test('503 is an answer like any other', async t => {
  // The plugin below this gateway asked 11 times and never read the bodies: 13 requests, and the pool hung for good.
  const body = 'x'.repeat(300_000)
  let healthy = false
  const upstream = await rawUpstream(t, async connection => {
    while (await connection.request())
      connection.write(healthy ? ok('clean') : ok(body).replace('200 OK', '503 Unavailable'))
  })
  const { port, pool } = await gateway(t, upstream.origin, { queue: 16 })
  const answers = await Promise.all(
    Array.from({ length: 13 }, async () => {
      const client = await rawClient(t, port)
      client.send(GET)
      return client.response()
    }),
  )
  t.ok(
    answers.every(answer => answer.status === 503 && answer.complete && answer.body.length === body.length),
  )
  t.equal(upstream.requests.length, 13)
  t.ok(upstream.connections.length <= 4)
  healthy = true
  await nextIsClean(t, await rawClient(t, port))
  t.same([pool.active, pool.waiting], [0, 0])
})

t.test('a reset in mid-body is a cut', async t => {
  const body = 'x'.repeat(10_000)
  const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n${body}\r\n0\r\n\r\n`
  const answers: [what: string, answer: string, head: number][] = [
    ['length', ok(body), ok(body).length - body.length],
    ['chunked', chunked, chunked.indexOf('2710') + 6],
    [
      'length and close',
      ok(body, 'Connection: close\r\n'),
      ok(body, 'Connection: close\r\n').length - body.length,
    ],
  ]
  for (const [what, answer, head] of answers) {
    for (const [where, length] of [
      ['at the first byte', head + 1],
      ['half-way', head + 5_000],
      ['at the last byte', answer.length - 1],
    ] as const) {
      for (const how of ['reset', 'end'] as const) {
        await t.test(`${what}, ${how} ${where}`, async t => {
          const upstream = await rawUpstream(t, async connection => {
            await connection.request()
            connection.write(answer.slice(0, length))
            await clientHasHead
            connection[how]()
          })
          const { port, outcome } = await gateway(t, upstream.origin)
          const client = await rawClient(t, port)
          const clientHasHead = once(client.socket, 'data')
          client.send(GET)
          const response = await client.response()
          t.equal(response.status, 200)
          t.notOk(response.complete, 'visibly cut')
          t.match(await outcome(), { result: 'cut', status: 200 })
          t.equal(upstream.requests.length, 1)
        })
      }
    }
  }
})

t.test('a reset where only the end says how long the body is', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write('HTTP/1.0 200 OK\r\n\r\nhello')
    await clientHasHead
    connection.reset()
  })
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  const clientHasHead = once(client.socket, 'data')
  client.send(GET)
  t.notOk((await client.response()).complete)
})

t.test('a client of HTTP/1.0 sees a cut as a reset', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    await clientHasHead
    connection.reset()
  })
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  const clientHasHead = once(client.socket, 'data')
  client.send('GET / HTTP/1.0\r\n\r\n')
  const response = await client.response()
  t.same(response.all('transfer-encoding'), [])
  t.equal(await client.closed, 'reset')
  t.notOk(response.complete)
})

t.test('the upstream closes while the client does not read', async t => {
  // undici's own pause ends the process here, by an assertion thrown from the socket's event: see Lease.pause.
  for (const framing of ['Content-Length: 9\r\n', 'Transfer-Encoding: chunked\r\n', '']) {
    for (const how of ['end', 'reset'] as const) {
      const events = new EventEmitter()
      const paused = once(events, 'paused')
      const closed = once(events, 'closed')
      let drain = (): void => {}
      const upstream = await rawUpstream(t, async connection => {
        await connection.request()
        const chunked = framing.startsWith('T')
        connection.write(
          `HTTP/1.1 200 OK\r\nConnection: close\r\n${framing}\r\n${chunked ? '5\r\nhello\r\n' : 'hello'}`,
        )
        await paused
        connection.write(chunked ? '4\r\nmore\r\n0\r\n\r\n' : 'more')
        connection[how]()
        events.emit('closed')
      })
      const { port, outcomes } = await gateway(t, upstream.origin, {
        prepare: response => {
          const write = response.write.bind(response) as (chunk: Buffer) => boolean
          response.write = ((chunk: Buffer) => {
            write(chunk)
            events.emit('paused')
            return false
          }) as typeof response.write
          drain = () => response.emit('drain')
        },
      })
      const client = await rawClient(t, port)
      client.send(GET)
      await closed
      for (let turn = 0; outcomes.length === 0; turn++) {
        await new Promise(resolve => setImmediate(resolve))
        // Long enough to have seen the reset with the parser still waiting.
        if (turn > 100) drain()
      }
      const { complete, body } = await client.response()
      t.equal(
        outcomes[0]?.result,
        complete ? 'complete' : 'cut',
        `${framing.trim() || 'until close'}, ${how}`,
      )
      if (how === 'end') t.same([complete, body.toString()], [true, 'hellomore'])
    }
  }
})

t.test('a slow client and an upstream that closes', async t => {
  // undici pauses its parser for a slow client and ends the process when the upstream then closes: see Lease.pause.
  const body = Buffer.alloc(8_000_000, 'x')
  for (const how of ['end', 'reset'] as const) {
    for (const framing of [
      `Content-Length: ${body.length}\r\nConnection: close\r\n`,
      'Connection: close\r\n',
    ]) {
      const upstream = await rawUpstream(t, async connection => {
        await connection.request()
        connection.write(`HTTP/1.1 200 OK\r\n${framing}\r\n`)
        connection.write(body)
        if (how === 'end') return connection.end()
        // More than all buffers on the way hold has not gone: reset on top of what is stuck.
        await clientIsPaused
        connection.reset()
      })
      const { port, outcome } = await gateway(t, upstream.origin)
      const client = await rawClient(t, port)
      const clientIsPaused = once(client.socket, 'data').then(() => client.socket.pause())
      client.send(GET)
      await clientIsPaused
      await upstream.connection(0)
      client.socket.resume()
      const response = await client.response()
      if (how === 'end') t.same([response.complete, response.body.length], [true, body.length])
      t.equal((await outcome()).result, response.complete ? 'complete' : 'cut')
    }
  }
})

t.test('the client leaves', async t => {
  const cases: [when: string, request: string, answer: string][] = [
    ['before the head', GET, ''],
    ['in mid-body', GET, 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['half-way through an upload', post('x'.repeat(1_000)).slice(0, -500), ''],
  ]
  for (const [when, request, answer] of cases) {
    for (const how of ['reset', 'end'] as const) {
      await t.test(`${when}, ${how}`, async t => {
        const upstream = await rawUpstream(t, async connection => {
          await connection.head()
          connection.write(answer)
        })
        const { port, pool, outcome } = await gateway(t, upstream.origin)
        const client = await rawClient(t, port)
        client.send(request)
        const connection = await upstream.connection(0)
        if (answer === '') await connection.arrived()
        else await client.bytes(50)
        const left = performance.now()
        if (how === 'reset') client.reset()
        else client.socket.destroy()
        // What the upstream sees: the end of the connection.
        connection.socket.on('end', () => connection.end())
        await connection.closed
        t.ok(performance.now() - left < 1_000)
        t.match(await outcome(), { result: 'client-left' })
        await Promise.resolve()
        t.same([pool.active, pool.waiting], [0, 0])
      })
    }
  }
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
  t.ok(performance.now() - asked < 500, 'at once')
  t.same([pool.active, pool.waiting], [2, 3])
  late.send(post('x'.repeat(1_000), 'Expect: 100-continue\r\n').slice(0, -1_000))
  t.equal((await late.response()).status, 503, 'and nobody is told to send a body for nothing')

  for (const client of clients.slice(2)) client.reset()
  for (let index = 0; index < 5; index++) await outcome(index)
  t.equal(pool.waiting, 0)
  t.equal(upstream.connections.length, 2, 'no request of theirs was sent')
})

t.test('headers that do not come are 504', async t => {
  let silent = true
  const upstream = await rawUpstream(t, async connection => {
    while (await connection.request()) if (!silent) connection.write(ok('clean'))
  })
  const { port, pool } = await gateway(t, upstream.origin, {
    connections: 1,
    timeouts: { connect: 1_000, headers: 200, idle: 5_000 },
  })
  const client = await rawClient(t, port)
  client.send(GET)
  t.equal((await client.response()).status, 504)
  t.equal(upstream.requests.length, 1, 'and are not asked for again')
  t.equal(pool.active, 0)
  silent = false
  await nextIsClean(t, client)
})

t.test('a body that stops coming is a cut', async t => {
  const upstream = await rawUpstream(t, always('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'))
  const { port, pool } = await gateway(t, upstream.origin, {
    timeouts: { connect: 1_000, headers: 1_000, idle: 200 },
  })
  const client = await rawClient(t, port)
  client.send(GET)
  const response = await client.response()
  t.notOk(response.complete)
  await Promise.resolve()
  t.equal(pool.active, 0)
})

t.test('an upload that stops coming is 408, and its slot is free', async t => {
  const upstream = await rawUpstream(t, async connection => connection.request())
  const { port, pool, outcome } = await gateway(t, upstream.origin, {
    timeouts: { connect: 1_000, headers: 5_000, idle: 200 },
  })
  for (const sent of [0, 10]) {
    const client = await rawClient(t, port)
    client.send(post('x'.repeat(1_000)).slice(0, sent - 1_000))
    t.equal((await client.response()).status, 408)
  }
  t.match(await outcome(1), { result: 'request-timeout' })
  t.equal(pool.active, 0)
  t.equal(upstream.connections.length, 1, 'the one without a first byte cost the upstream nothing')
})

t.test('body limit', async t => {
  const upstream = await rawUpstream(t, async connection => {
    while (await connection.request()) connection.write(ok('clean'))
  })
  const { port } = await gateway(t, upstream.origin, { bodyLimit: 1_000 })
  const client = await rawClient(t, port)

  client.send(post('x'.repeat(1_001)))
  t.equal((await client.response()).status, 413)
  t.equal(upstream.connections.length, 0, 'nothing was sent')

  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n')
  client.send(`${'x'.repeat(500)}\r\n`)
  const connection = await upstream.connection(0)
  await connection.arrived()
  connection.socket.on('end', () => connection.end())
  client.send(`1f5\r\n${'x'.repeat(501)}\r\n`)
  t.equal((await client.response()).status, 413)
  await connection.closed
  t.equal(upstream.requests.length, 0, 'cut off at the upstream')
  client.send('0\r\n\r\n')
  await nextIsClean(t, client)

  client.send(post('x'.repeat(1_000)))
  t.equal((await client.response()).status, 200, 'the limit itself is fine')
  client.send(
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${'x'.repeat(1_000)}\r\n0\r\n\r\n`,
  )
  t.equal((await client.response()).status, 200)
})

t.test('a malformed first chunk never reaches the upstream', async t => {
  const upstream = await rawUpstream(t, always(ok('x')))
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n')
  t.equal((await client.response()).status, 400)
  await client.closed
  t.equal(upstream.connections.length, 0)
})

t.test('an empty chunked body', async t => {
  const upstream = await rawUpstream(t, always(ok('clean')))
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')
  t.equal((await client.response()).status, 200)
  t.equal(upstream.requests[0]?.body.length, 0)
  await nextIsClean(t, client)
})

t.test('100 Continue is sent when the body is wanted', async t => {
  const upstream = await rawUpstream(t, always(ok('clean')))
  const { port } = await gateway(t, upstream.origin, { bodyLimit: 10 })
  const client = await rawClient(t, port)
  client.send(post('', 'Expect: 100-continue\r\n').replace('Length: 0', 'Length: 5'))
  t.equal((await client.response()).status, 100)
  client.send('hello')
  t.equal((await client.response()).status, 200)
  t.notMatch(upstream.requests[0]?.head, /expect/i)

  client.send(post('', 'Expect: 100-continue\r\n').replace('Length: 0', 'Length: 11'))
  t.equal((await client.response()).status, 413, 'not where it is too large')
})

t.test('an early answer to an upload', async t => {
  for (const how of ['stays open', 'closes'] as const) {
    await t.test(how, async t => {
      let first = true
      const upstream = await rawUpstream(t, async connection => {
        if (!first) return always(ok('clean'))(connection)
        first = false
        await connection.head()
        await connection.bytes(1_024)
        connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch')
        if (how === 'closes') connection.end()
      })
      const { port } = await gateway(t, upstream.origin, { bodyLimit: 2_000_000 })
      const client = await rawClient(t, port)
      const request = post('x'.repeat(1_000_000))
      client.send(request.slice(0, 5_000))
      const response = await client.response()
      t.same([response.status, response.body.toString()], [413, 'much'])
      client.send(request.slice(5_000))
      await nextIsClean(t, client)
      t.equal(upstream.connections.length, 2, 'and so is the upstream connection')
    })
  }
})

t.test('an early answer does not wait for the client to stop', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.head()
    connection.write(ok('early'))
  })
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(post('x'.repeat(100_000)))
  t.equal((await client.response()).body.toString(), 'early')
})

t.test('events flow at once', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
    for (let count = 0; count < 3; count++) {
      await heard[count]
      connection.write(`data: ${count}\n\n`)
    }
    await heard[3]
    connection.end()
  })
  const wakes: (() => void)[] = []
  const heard = Array.from({ length: 4 }, () => new Promise<void>(resolve => wakes.push(resolve)))
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(GET)
  let text = ''
  // The head comes before any event does, each event before the next is sent.
  while (!text.includes('\r\n\r\n')) text += await client.bytes(1)
  wakes[0]?.()
  for (let count = 0; count < 3; count++) {
    while (!text.includes(`data: ${count}\n\n`)) text += await client.bytes(1)
    wakes[count + 1]?.()
  }
  t.match(text, 'data: 2')
})

t.test('a client that stops reading stops the upstream', async t => {
  const block = Buffer.alloc(1_000_000, 'x')
  const total = 200
  let written = 0
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${block.length * total}\r\n\r\n`)
    for (; written < total; written++)
      if (!connection.socket.write(block)) await once(connection.socket, 'drain')
  })
  const { port, outcome } = await gateway(t, upstream.origin, {
    timeouts: { connect: 1_000, headers: 1_000, idle: 1_000 },
  })
  const client = await rawClient(t, port)
  client.socket.pause()
  client.send(GET)
  const { result } = await outcome()
  t.equal(result, 'cut', 'and is cut in the end')
  t.ok(written < 50, `of ${total} MB ${written} were taken`)
  t.ok(process.memoryUsage().arrayBuffers < 100_000_000)
})

t.test('an upstream that stops reading stops the client', async t => {
  const upstream = await rawUpstream(t, connection => {
    connection.socket.pause()
  })
  const { port, pool, outcome } = await gateway(t, upstream.origin, {
    bodyLimit: 1e9,
    timeouts: { connect: 1_000, headers: 1_000, idle: 5_000 },
  })
  const client = await rawClient(t, port)
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000000\r\n\r\n`)
  const block = Buffer.alloc(1_000_000)
  let sent = 0
  const pump = (): void => {
    while (sent < 500 && client.socket.writable) {
      sent++
      if (!client.socket.write(block)) break
    }
  }
  client.socket.on('drain', pump)
  pump()
  t.match(await outcome(), { result: 'gateway-timeout' })
  t.ok(sent < 100, `of 500 MB ${sent} were taken`)
  await Promise.resolve()
  t.equal(pool.active, 0)
})

t.test('large bodies arrive as they were sent', async t => {
  const body = Buffer.alloc(8_000_000)
  for (let index = 0; index < body.length; index++) body[index] = (index * 31 + (index >> 8)) & 255
  const upstream = await rawUpstream(t, async connection => {
    const request = await connection.request()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
    if (request) connection.write(request.body)
  })
  const { port } = await gateway(t, upstream.origin, { bodyLimit: body.length })
  const client = await rawClient(t, port)
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`)
  client.send(body)
  const response = await client.response()
  t.ok(response.body.equals(body))
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

t.test('a pool that is destroyed fails what runs', async t => {
  const upstream = await rawUpstream(t, () => {})
  const { port, pool } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(GET)
  await (await upstream.connection(0)).arrived()
  pool.destroy()
  t.equal((await client.response()).status, 502)
  await pool.close()
})

t.test('what an upstream sends unasked is nobody’s answer', async t => {
  const late: Record<string, [first: string, behind: string, milliseconds: number, method?: string]> = {
    'a second response, in the next turn': [ok('first'), ok('poison'), 0],
    'a body behind HEAD': ['HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n', 'poison', 15, 'HEAD'],
    'a body behind 204': ['HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\n', 'poison', 15],
    'a body behind 304': ['HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n', 'poison', 15],
  }
  for (const [what, [first, behind, milliseconds, method = 'GET']] of Object.entries(late)) {
    const upstream = await rawUpstream(t, async connection => {
      connection.socket.setNoDelay(true)
      for (;;) {
        const request = await connection.request()
        if (request === undefined) return
        if (request.target === '/first') {
          connection.write(first)
          if (milliseconds === 0) process.nextTick(() => connection.write(behind))
          else setTimeout(() => connection.write(behind), milliseconds)
        } else setTimeout(() => connection.write(ok('real')), 30)
      }
    })
    const { port } = await gateway(t, upstream.origin, { connections: 1 })
    let poisoned = 0
    for (let round = 0; round < 10; round++) {
      const attacker = await rawClient(t, port)
      const victim = await rawClient(t, port)
      attacker.send(`${method} /first HTTP/1.1\r\nHost: api.test\r\n\r\n`)
      victim.send('POST /victim HTTP/1.1\r\nHost: api.test\r\nContent-Length: 1\r\n\r\nx')
      const answer = await victim.response()
      if (answer.body.toString().includes('poison')) poisoned++
      else t.equal(answer.body.toString(), 'real', what)
      attacker.socket.destroy()
      victim.socket.destroy()
    }
    t.equal(poisoned, 0, what)
  }
})

t.test('a client that pauses in its upload is not the upstream being late', async t => {
  const upstream = await rawUpstream(t, always(ok('thanks')))
  const { port } = await gateway(t, upstream.origin, {
    timeouts: { connect: 1_000, headers: 300, idle: 5_000 },
  })
  const client = await rawClient(t, port)
  client.send('POST / HTTP/1.1\r\nHost: api.test\r\nContent-Length: 4\r\n\r\nab')
  await (await upstream.connection(0)).arrived()
  setTimeout(() => client.send('cd'), 900)
  t.equal((await client.response()).status, 200)
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

import t from 'tap'
import { rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { GET, gateway, HEAD, nextIsClean, post } from './bare-transport.js'

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

t.test('a short body arrives byte for byte, however it is framed', async t => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, code) => code))
  const half = bytes.length / 2
  const chunk = (part: Buffer) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')])
  const framings: Record<string, [head: string, ...pieces: Buffer[]]> = {
    'with a length, in one piece': ['Content-Length: 256', bytes],
    'with a length, in two': ['Content-Length: 256', bytes.subarray(0, half), bytes.subarray(half)],
    'in chunks': [
      'Transfer-Encoding: chunked',
      chunk(bytes.subarray(0, half)),
      chunk(bytes.subarray(half)),
      Buffer.from('0\r\n\r\n'),
    ],
    'until the end': ['Connection: close', bytes],
  }
  for (const [what, [head, first, ...others]] of Object.entries(framings)) {
    const upstream = await rawUpstream(t, async connection => {
      await connection.request()
      connection.write(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), first!]))
      for (const piece of others) {
        await new Promise(resolve => setTimeout(resolve, 5))
        connection.write(piece)
      }
      if (what === 'until the end') connection.end()
    })
    const { port } = await gateway(t, upstream.origin)
    const client = await rawClient(t, port)
    client.send(GET)
    t.same((await client.response()).body, bytes, what)
  }
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
    ['204 with a length', GET, 'HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n', { length: [], coding: [] }],
    [
      '204 in chunks',
      GET,
      'HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      { length: [], coding: [] },
    ],
    ['205', GET, 'HTTP/1.1 205 x\r\nContent-Length: 0\r\n\r\n', { length: ['0'], coding: [] }],
    [
      '205 with content',
      GET,
      'HTTP/1.1 205 x\r\nContent-Length: 5\r\n\r\nhello',
      { length: ['0'], coding: [] },
    ],
    [
      '205 with chunks',
      GET,
      'HTTP/1.1 205 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      { length: ['0'], coding: [] },
    ],
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
      t.same(
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

t.test('what is there before a request is sent is not its answer, to the turn of the event loop', async t => {
  const upstream = await rawUpstream(t, async connection => {
    // Or the kernel would keep what is unasked until the next request acknowledges the response before.
    connection.socket.setNoDelay(true)
    for (;;) {
      const request = await connection.request()
      if (request === undefined) return
      connection.write(ok(request.target === '/first' ? 'first' : 'real'))
    }
  })
  const poison = async () =>
    (await upstream.connection(upstream.connections.length - 1)).socket.write(ok('poison'))

  await t.test('while the response before it is read, and the next request waits already', async t => {
    let poisons = 1
    const responseHeaders = (raw: readonly string[]) => {
      // The kernel has it at once, but this turn's reads are under way.
      if (poisons-- > 0) void upstream.connections.at(-1)!.socket.write(ok('poison'))
      return [...raw]
    }
    const { port } = await gateway(t, upstream.origin, { connections: 1, responseHeaders })
    const client = await rawClient(t, port)
    client.send('GET /first HTTP/1.1\r\nHost: api.test\r\n\r\nGET /second HTTP/1.1\r\nHost: api.test\r\n\r\n')
    t.equal((await client.response()).body.toString(), 'first')
    t.equal((await client.response()).body.toString(), 'real')
  })

  await t.test('in the turn in which the next request comes', async t => {
    const { port } = await gateway(t, upstream.origin, { connections: 1 })
    const client = await rawClient(t, port)
    for (let round = 0; round < 20; round++) {
      client.send('GET /first HTTP/1.1\r\nHost: api.test\r\n\r\n')
      t.equal((await client.response()).body.toString(), 'first')
      client.send('GET /second HTTP/1.1\r\nHost: api.test\r\n\r\n')
      await poison()
      t.equal((await client.response()).body.toString(), 'real')
    }
  })
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

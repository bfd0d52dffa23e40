import { EventEmitter, once } from 'node:events'
import t from 'tap'
import { rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { GET, gateway, nextIsClean, post } from './bare-transport.js'

t.test('headers that do not come are 504', async t => {
  let silent = true
  const upstream = await rawUpstream(t, async connection => {
    while (await connection.request()) if (!silent) connection.write(ok('clean'))
  })
  const { port, pool } = await gateway(t, upstream.origin, {
    connections: 1,
    timeouts: { connect: 1_000, headers: 500, idle: 5_000 },
  })
  const client = await rawClient(t, port)
  client.send(GET)
  t.equal((await client.response()).status, 504)
  t.equal(upstream.requests.length, 1, 'and are not asked for again')
  t.equal(pool.active, 0)
  silent = false
  await nextIsClean(t, client)
})

t.test('an exchange ends at its total time, whatever flows', async t => {
  const upstream = await rawUpstream(t, async connection => {
    if ((await connection.head())?.startsWith('HEAD')) return
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const flow = setInterval(() => connection.write('1\r\nx\r\n'), 20)
    await connection.closed
    clearInterval(flow)
  })
  const { port, pool, outcome } = await gateway(t, upstream.origin, {
    timeouts: { connect: 1_000, headers: 5_000, idle: 5_000, total: 700 },
  })
  const client = await rawClient(t, port)
  client.send(GET.replace('GET', 'HEAD'))
  t.equal((await client.response('HEAD')).status, 504)
  client.send(GET)
  const response = await client.response()
  t.same([response.status, response.complete], [200, false])
  t.match(await outcome(0), { result: 'gateway-timeout' })
  t.match(await outcome(1), { result: 'cut' })
  t.equal(pool.active, 0)
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

t.test('what is wrong right behind the head still shows the head', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n')
  })
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  client.send(GET)
  const response = await client.response()
  t.equal(response.status, 200)
  t.notOk(response.complete, 'and is not whole')
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
    timeouts: { connect: 1_000, headers: 1_000, idle: 500 },
    sendTimeout: 1_500,
  })
  const client = await rawClient(t, port)
  client.socket.pause()
  client.send(GET)
  const { result } = await outcome()
  t.equal(result, 'client-left', 'and is cut in the end, not for a fault of the upstream')
  t.ok(written < 50, `of ${total} MB ${written} were taken`)
  t.ok(process.memoryUsage().arrayBuffers < 100_000_000)
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
        t.ok(performance.now() - left < 2_500, 'at once, and not when headers or body would be late')
        t.match(await outcome(), { result: 'client-left' })
        await Promise.resolve()
        t.same([pool.active, pool.waiting], [0, 0])
      })
    }
  }
})

import t from 'tap'
import { rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { gateway, nextIsClean, post } from './bare-transport.js'

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

t.test('a client that pauses in its upload is not the upstream being late', async t => {
  const upstream = await rawUpstream(t, always(ok('thanks')))
  const { port } = await gateway(t, upstream.origin, {
    timeouts: { connect: 1_000, headers: 600, idle: 5_000 },
  })
  const client = await rawClient(t, port)
  client.send('POST / HTTP/1.1\r\nHost: api.test\r\nContent-Length: 4\r\n\r\nab')
  await (await upstream.connection(0)).arrived()
  setTimeout(() => client.send('cd'), 900)
  t.equal((await client.response()).status, 200)
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

t.test('a body is framed by the names of headers, not by their values', async t => {
  const upstream = await rawUpstream(t, always(ok('clean')))
  const { port } = await gateway(t, upstream.origin)
  const client = await rawClient(t, port)
  const chunked = (header: string) =>
    `POST / HTTP/1.1\r\nHost: a\r\n${header}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
  for (const header of ['X-A: Content-Length', 'Content-Lengt2: 5']) {
    client.send(chunked(header))
    t.equal((await client.response()).status, 200)
    t.equal(upstream.requests.at(-1)?.body.toString(), 'hello', header)
  }
  for (const [method, length] of [
    ['POST', '0'],
    ['PUT', '0'],
    ['PATCH', '0'],
    ['DELETE', undefined],
  ] as const) {
    client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
    t.equal((await client.response()).status, 200)
    const headers = new Map(upstream.requests.at(-1)?.headers)
    t.equal(headers.get('Content-Length'), length, `${method} without a body`)
    t.notOk(headers.has('Transfer-Encoding'))
  }
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

t.test('an upstream that takes its time over a body is not the client being late', async t => {
  const length = 12_000_000
  const upstream = await rawUpstream(t, async connection => {
    connection.socket.pause()
    setTimeout(() => connection.socket.resume(), 900)
    await connection.request()
    connection.write(ok('clean'))
  })
  const { port, outcome } = await gateway(t, upstream.origin, {
    bodyLimit: 1e9,
    timeouts: { connect: 1_000, headers: 5_000, idle: 600 },
  })
  const client = await rawClient(t, port)
  client.send(post('x'.repeat(length)))
  t.equal((await client.response()).status, 200)
  t.match(await outcome(), { result: 'complete' })
  t.equal(upstream.requests[0]?.body.length, length)
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

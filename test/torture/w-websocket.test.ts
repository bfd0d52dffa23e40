import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { promise, WHOLE } from './promise.js'
import {
  ALLOWED,
  decisionsOf,
  eventually,
  FOREIGN,
  head,
  memoryOf,
  openRig,
  openSocket,
  percentile,
  policyOf,
  shoot,
  unique,
} from './rig.js'

const ROUTES = `  - id: socket
    path: /socket/**
    upstream: api
    websocket: true
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET] }]
  - id: plain
    path: /**
    upstream: api
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET] }]
`

const handshake = (path: string, ...more: string[]): string =>
  head(
    `GET ${path} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
  )

promise('W1', async (t, row) => {
  await refusedBeforeDialling(t)
  await upstreamRefusesOrHangs(t)
  await realServerAndClient(t)
  await drains(t)
  await livesSoLong(t)
  row.tried(61)
  row.figure(
    'refused before the upstream is dialled; 20 resets survived; texts, 1 MiB binaries, pings, fragments, subprotocol and close codes as sent; 1001 on drain, when idle and at the end of its lifetime',
  )
})

async function refusedBeforeDialling(t: Test): Promise<void> {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { gateway, port } = await openRig(t, policyOf(upstream.origin, ROUTES))
  const origin = `Origin: ${ALLOWED}`
  for (const [what, bytes] of [
    ['off by default', handshake('/plain', origin)],
    ['a foreign origin', handshake('/socket/x', `Origin: ${FOREIGN}`)],
    ['null', handshake('/socket/x', 'Origin: null')],
    ['no origin', handshake('/socket/x')],
    ['two origins', handshake('/socket/x', origin, `Origin: ${FOREIGN}`)],
    [
      'Upgrade in another case',
      handshake('/socket/x', `Origin: ${FOREIGN}`).replace('websocket', 'WebSocket'),
    ],
  ] as const) {
    const { statuses, closed } = await shoot(port, bytes)
    t.same([statuses, closed], [[403], 'end'], what)
  }
  for (let round = 0; round < 20; round++) {
    const socket = await openSocket(port)
    socket.on('error', () => {})
    socket.write(handshake('/plain', origin))
    if (round % 2) await wait(1)
    socket.resetAndDestroy()
  }
  const hidden = await shoot(
    port,
    head('GET /plain HTTP/1.1', 'Host: x', `Origin: ${FOREIGN}`) +
      handshake('/socket/x', `Origin: ${FOREIGN}`),
  )
  t.notOk(hidden.statuses.includes(101), 'no 101 behind a pipelined request')
  t.equal(upstream.connections.length, 0, 'the upstream was never dialled')
  t.equal(gateway.child.exitCode, null, 'the process is alive')
}

async function upstreamRefusesOrHangs(t: Test): Promise<void> {
  const upstream = await rawUpstream(t, async connection => {
    for (;;) {
      const line = await connection.head()
      if (line === undefined) return
      if (line.includes('/401'))
        connection.write(
          'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno',
        )
      else if (line.includes('/200')) connection.write(ok('plain'))
      else if (line.includes('/reset')) connection.reset()
    }
  })
  const { port, gateway } = await openRig(t, policyOf(upstream.origin, ROUTES))
  const origin = `Origin: ${ALLOWED}`
  for (const [path, status] of [
    ['/socket/401', 401],
    ['/socket/200', 200],
    ['/socket/reset', 502],
    ['/socket/hang', 504],
  ] as const) {
    const id = unique()
    const { statuses, text } = await shoot(port, handshake(path, origin, `X-Request-Id: ${id}`), 6000)
    t.same(statuses, [status], `${path}: the upstream's status, no false 101`)
    if (status === 401) t.match(text, /WWW-Authenticate: Basic[\s\S]*no$/, 'with its headers and body')
    t.ok(
      await eventually(() => decisionsOf(gateway).filter(record => record['requestId'] === id).length === 1),
      'one record',
    )
  }
}

async function realServerAndClient(t: Test): Promise<void> {
  const { url, server } = await echoServer(t)
  const { port, gateway } = await openRig(t, policyOf(url, ROUTES))
  const client = await open(port, '/socket/echo?a=b', ['second', 'first'])
  t.equal(client.protocol, 'first', "the server's choice of subprotocol")
  t.equal(server.lastUrl, '/socket/echo?a=b', 'path and query')
  const echoed = async (data: Buffer | string): Promise<Buffer> => {
    client.send(data)
    const [message] = (await once(client, 'message')) as [Buffer]
    return message
  }
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 1024 * 1024]) {
    const data = Buffer.alloc(length, 'w')
    t.ok((await echoed(data)).equals(data), `${length} bytes`)
    t.equal(String(await echoed('ü'.repeat(length / 8))), 'ü'.repeat(length / 8), 'and a text')
  }
  client.ping('are you there')
  t.equal(String((await once(client, 'pong'))[0]), 'are you there', 'ping and pong')
  client.send('frag', { fin: false })
  client.send('ment', { fin: true })
  t.equal(String((await once(client, 'message'))[0]), 'fragment', 'fragments')
  client.close(4321, 'done')
  const [code, reason] = (await once(client, 'close')) as [number, Buffer]
  t.same([code, String(reason)], [4321, 'done'], 'close code and reason')

  const resets = await Promise.all(Array.from({ length: 20 }, () => open(port, '/socket/echo')))
  for (const socket of resets)
    (socket as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy()
  t.ok(await eventually(() => server.clients.size === 0), 'a reset reaches the upstream')
  t.equal(gateway.child.exitCode, null, 'the process is alive')
  const record = decisionsOf(gateway).find(({ status }) => status === 101)
  t.match(record, { kind: 'websocket', reason: 'origin-allowed', route: 'socket' })
}

async function drains(t: Test): Promise<void> {
  const { url, server } = await echoServer(t)
  const { port, gateway } = await openRig(t, policyOf(url, ROUTES), ['--web-socket-idle-timeout', '1s'])
  const idle = await open(port, '/socket/echo')
  t.equal((await once(idle, 'close'))[0], 1001, 'an idle one is closed with 1001')
  const clients = await Promise.all(Array.from({ length: 10 }, () => open(port, '/socket/echo')))
  const codes = Promise.all(clients.map(async client => (await once(client, 'close'))[0] as number))
  const upstreamCodes = server.codes.length
  const started = performance.now()
  const exit = gateway.stop()
  t.same(new Set(await codes), new Set([1001]), 'all closed with 1001 on SIGTERM')
  t.equal(await exit, 0, 'exit 0')
  t.ok(performance.now() - started < 10_000, 'without waiting for the drain timeout')
  t.ok(await eventually(() => server.codes.length === upstreamCodes + 10), 'the upstream heard of it')
  t.same(new Set(server.codes.slice(upstreamCodes)), new Set([1001]), 'as 1001 too')
}

async function livesSoLong(t: Test): Promise<void> {
  const { url } = await echoServer(t)
  const { port } = await openRig(t, policyOf(url, ROUTES), ['--web-socket-lifetime', '2s'])
  const started = performance.now()
  const busy = await open(port, '/socket/echo')
  const talk = setInterval(() => busy.send('still here'), 50)
  let heard = 0
  busy.on('message', () => heard++)
  const [code] = (await once(busy, 'close')) as [number]
  clearInterval(talk)
  const lived = performance.now() - started
  t.equal(code, 1001, 'a busy one is closed with 1001 at the end of its lifetime')
  t.ok(lived > 1900 && lived < 10_000 && heard > 5, `after ${lived.toFixed(0)} ms and ${heard} messages`)
}

promise('W2', async (t, row) => {
  const total = (WHOLE ? 1024 : 128) * 1024 * 1024
  const upstream = await rawUpstream(t, async connection => {
    let line = await connection.head()
    for (; line?.startsWith('GET /plain'); line = await connection.head()) connection.write(ok('fine'))
    if (line === undefined) return
    connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    if (line.includes('/flood')) flood(connection.socket, total)
    else if (line.includes('/deaf')) connection.socket.pause()
  })
  const { port, gateway } = await openRig(t, policyOf(upstream.origin, ROUTES))
  const pid = gateway.child.pid!
  for (let round = 0; round < 50; round++) await send(port, { path: '/plain' })
  const before = memoryOf(pid)
  const others: number[] = []
  for (const side of ['flood', 'deaf'] as const) {
    const socket = await openSocket(port)
    socket.on('error', () => {})
    socket.write(handshake(`/socket/${side}`, `Origin: ${ALLOWED}`))
    let received = 0
    socket.on('data', chunk => {
      received += chunk.length
    })
    await once(socket, 'data')
    socket.pause()
    if (side === 'deaf') flood(socket, total)
    let peak = 0
    const end = performance.now() + (WHOLE ? 30_000 : 5_000)
    while (performance.now() < end) {
      const started = performance.now()
      t.equal((await send(port, { path: '/plain' })).status, 200)
      others.push(performance.now() - started)
      peak = Math.max(peak, memoryOf(pid))
      await wait(100)
    }
    t.ok(peak - before < 64, `${side}: memory grew by ${(peak - before).toFixed(0)} MiB`)
    row.figure(
      `${side === 'flood' ? 'client' : 'upstream'} stopped reading ${total / 1024 ** 2} MiB: memory + ${(peak - before).toFixed(0)} MiB`,
    )
    if (side === 'flood') {
      // Read on: not a byte is missing.
      socket.resume()
      t.ok(await eventually(() => received >= total, 60_000), 'the rest arrives once it is read')
    }
    socket.destroy()
  }
  row.tried(2)
  row.figure(`others' p99 ${percentile(others, 0.99).toFixed(1)} ms`)
})

// Binary frames of 64 KiB, as many as make up the total, with the kernel's backpressure only.
function flood(
  socket: {
    write(data: Buffer): boolean
    once(event: 'drain', next: () => void): unknown
    destroyed: boolean
  },
  total: number,
): void {
  const frame = Buffer.concat([Buffer.from('827f0000000000010000', 'hex'), Buffer.alloc(65_536, 'f')])
  let sent = 0
  const more = (): void => {
    while (sent < total && !socket.destroyed) {
      sent += 65_536
      if (!socket.write(frame)) {
        socket.once('drain', more)
        return
      }
    }
  }
  more()
}

async function echoServer(t: Test) {
  const http = createServer()
  const seen = { lastUrl: '', codes: [] as number[], clients: new Set<WebSocket>() }
  const sockets = new WebSocketServer({
    server: http,
    handleProtocols: offered => [...offered].at(-1) ?? false,
    perMessageDeflate: true,
    maxPayload: 64 * 1024 * 1024,
  })
  sockets.on('connection', (socket, request) => {
    seen.lastUrl = request.url ?? ''
    seen.clients.add(socket)
    socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }))
    socket.on('error', () => {})
    socket.on('close', code => {
      seen.codes.push(code)
      seen.clients.delete(socket)
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as { port: number }).port}`, server: seen }
}

async function open(port: number, path: string, protocols: string[] = []): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { origin: ALLOWED })
  client.on('error', () => {})
  await once(client, 'open')
  return client
}

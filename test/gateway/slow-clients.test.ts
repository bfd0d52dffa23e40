import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

// Clients that ask for more than they take.

const policyOf = (upstream: string): string => `version: 1
upstreams: { api: { url: "${upstream}" } }
routes: [{ id: api, hosts: [a.example, "127.0.0.1"], path: /**, upstream: api }]
`
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
const LARGE = Buffer.alloc(200_000, 'x')

async function start(t: Test, flags: readonly string[] = [], nodeFlags: readonly string[] = []) {
  const upstream = await startUpstream(t, (request, response) => {
    if (request.url === '/slow') return
    if (request.url === '/endless-enough') response.end(Buffer.alloc(16_000_000, 'x'))
    else response.end(request.url === '/large' ? LARGE : 'ok')
  })
  const gateway = await startGateway(t, { policy: policyOf(upstream.url), flags, nodeFlags })
  return { upstream, gateway }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not happen within 20 s')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function inFlight(gateway: TestGateway): Promise<number> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text()
  return Number(/^crossgate_requests_in_flight (.*)$/m.exec(text)?.[1])
}

async function openReader(t: Test, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket.pause()
}

t.test('one that takes nothing is cut, although its upstream has given all', async t => {
  const { gateway } = await start(t, ['--send-timeout', '1s'])
  const reader = await openReader(t, gateway.port)
  // More than the kernel takes, in answers that each are less than what waits in the process.
  reader.write(get('/large').repeat(120))
  t.ok(await gateway.logged(/"event":"client.cut","client":"127.0.0.1"/), 'the log says so')
  await until(async () => (await inFlight(gateway)) === 0)
})

t.test('one that takes little by little gets it all', async t => {
  const { gateway } = await start(t, ['--send-timeout', '1s'])
  const reader = await openReader(t, gateway.port)
  reader.write(get('/endless-enough'))
  let taken = 0
  reader.on('data', chunk => {
    taken += chunk.length
  })
  const sip = setInterval(() => (reader.isPaused() ? reader.resume() : reader.pause()), 100)
  t.teardown(() => clearInterval(sip))
  await until(() => taken > 16_000_000)
  t.equal((await send(gateway.port, { path: '/' })).status, 200)
  t.notMatch(gateway.stderr(), /client.cut/)
})

const MORE: Record<string, string> = {
  'answers that are not read': get('/large'),
  'refusals behind an answer that does not come': 'GET /nowhere/else HTTP/1.1\r\nHost:b\r\n\r\n',
}
for (const [name, request] of Object.entries(MORE)) {
  t.test(`pipelined requests do not fill the heap: ${name}`, async t => {
    const { gateway } = await start(t, [], ['--max-old-space-size=96'])
    const closed: Promise<unknown>[] = []
    for (let index = 0; index < 80; index++) {
      const reader = await openReader(t, gateway.port)
      closed.push(new Promise(resolve => reader.once('close', resolve)))
      reader.resume().write(get('/slow') + request.repeat(998))
    }
    await Promise.all(closed)
    t.equal(await inFlight(gateway), 0)
    t.equal((await send(gateway.port, { path: '/' })).status, 200)
  })
}

t.test('as many as browsers never pipeline are served, in segments of their own too', async t => {
  const { gateway } = await start(t)
  for (let round = 0; round < 3; round++) {
    const client = await rawClient(t, gateway.port)
    client.socket.setNoDelay(true)
    for (let index = 0; index < 120; index++) {
      client.send(get(`/${index}`))
      if (round > 0) await new Promise(resolve => setImmediate(resolve))
    }
    for (let index = 0; index < 120; index++) t.equal((await client.response()).status, 200)
  }
  t.equal(await inFlight(gateway), 0)
})

t.test('what a client asks for first happens first', async t => {
  const { upstream, gateway } = await start(t)
  for (let round = 0; round < 20; round++) {
    const client = await rawClient(t, gateway.port)
    client.send(
      `PUT /doc HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabcDELETE /doc HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`,
    )
    await client.closed
  }
  t.strictSame(
    upstream.seen.map(({ method }) => method),
    Array.from({ length: 20 }, () => ['PUT', 'DELETE']).flat(),
  )
})

t.test('a request that cannot be read is one, however much comes behind it', async t => {
  const { upstream, gateway } = await start(t)
  const client = await rawClient(t, gateway.port)
  client.socket.setNoDelay(true)
  client.send(`${get('/slow')}\u0001 nonsense\r\n\r\n`)
  await gateway.record(({ reason }) => reason === 'request-malformed')
  for (let index = 0; index < 200; index++) {
    client.send('x')
    // Each in a segment of its own.
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal((await send(gateway.port, { path: '/after' })).status, 200)
  client.reset()
  await until(async () => (await inFlight(gateway)) === 0)
  t.equal(gateway.records.filter(({ reason }) => reason === 'request-malformed').length, 1)
  t.notMatch(gateway.stderr(), /MaxListeners/)
  t.equal(upstream.seen.length, 2)
})

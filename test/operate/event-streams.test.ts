import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { EventStreams } from '../../src/admin/event-stream.js'
import { Activity } from '../../src/observe/activity/activity.js'
import { startGateway } from '../helpers/gateway.js'

const POLICY = `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes: [{ id: api, path: /**, upstream: api }]
`

// A client that asks and does not read by itself; what it was told is read by `headOf`.
async function ask(t: Test, port: number, path: string, times = 1): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times))
  return socket
}

async function headOf(socket: Socket): Promise<string> {
  const [first] = await once(socket, 'data')
  return String(first)
}

t.test('streams that nobody reads leave probes and pages their connections', async t => {
  const gateway = await startGateway(t, { policy: POLICY })
  const port = Number(new URL(gateway.admin).port)
  const streams = await Promise.all(Array.from({ length: 32 }, () => ask(t, port, '/events')))
  for (const head of await Promise.all(streams.map(headOf))) t.match(head, /^HTTP\/1.1 200 /)
  const more = await Promise.all(Array.from({ length: 224 }, () => ask(t, port, '/events')))
  for (const head of await Promise.all(more.map(headOf)))
    if (!/^HTTP\/1.1 503 [\s\S]*Retry-After: 15\r\n[\s\S]*Connection: close\r\n/i.test(head)) t.fail(head)
  for (const socket of more) socket.destroy()
  const refused = await fetch(`${gateway.admin}/events`)
  t.equal(refused.status, 503)
  t.equal(await refused.text(), 'All 32 event streams are in use; try again later.\n')
  for (const path of ['/healthz', '/readyz', '/']) {
    t.equal((await fetch(`${gateway.admin}${path}`)).status, 200, path)
  }
  streams[0]?.destroy()
  let status = 503
  while (status === 503) {
    const answer = await fetch(`${gateway.admin}/events`)
    status = answer.status
    await answer.body?.cancel()
  }
  t.equal(status, 200, 'one that ends makes room')
})

t.test('whoever takes nothing of the answers is cut', async t => {
  const gateway = await startGateway(t, { policy: POLICY })
  await ask(t, Number(new URL(gateway.admin).port), '/metrics', 1000)
  t.ok(
    await gateway.logged(/"event":"client.cut","client":"127.0.0.1","why":"takes nothing"/),
    'the log says so',
  )
})

t.test('a stream ends after its lifetime, and another may begin', async t => {
  const streams = new EventStreams(new Activity(), { most: 1, lifetime: 100 })
  const server = createServer((request, response) => {
    if (!streams.stream(request, response)) response.writeHead(503).end()
  })
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const turn of [1, 2]) {
    const answer = await fetch(url)
    t.equal(answer.status, 200, `stream ${turn}`)
    t.equal(await answer.text(), 'retry: 2000\n\n')
    while ((await fetch(url, { method: 'HEAD' })).status === 503);
  }
})

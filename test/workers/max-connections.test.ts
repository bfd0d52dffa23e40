import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Test, test } from 'tap'
import { startGateway } from '../helpers/gateway.js'

const POLICY = `version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: [https://a.example], allowMethods: [GET] }] }
`

for (const scheme of ['http', 'https']) {
  test(`each worker drops what is over its share of --max-connections: ${scheme}`, {
    timeout: 60_000,
  }, async t => {
    const file = (name: string) => `test/fixtures/tls/${name}.pem`
    const gateway = await startGateway(t, {
      policy: POLICY,
      flags: [
        ...['--workers', '2', '--max-connections', '4', '--headers-timeout', '40s'],
        ...(scheme === 'https' ? ['--tls-cert', file('server'), '--tls-key', file('server-key')] : []),
      ],
    })
    const open = new Set<Socket>()
    const { port } = gateway
    // They go to the workers in turn.
    const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(t, port, open)))
    await until(() => open.size <= 4)
    // One that comes later is dropped only where it can be seen that those four stay.
    const late = await opened(t, port, open)
    if (!late.closed) await once(late, 'close')
    t.equal(open.size, 4)
    const [leaving] = open
    leaving!.destroy()
    await until(() => open.size === 3)
    // Every other one comes to the worker that has room.
    const next = [await opened(t, port, open), await opened(t, port, open)]
    await until(() => open.size === 4)
    t.equal(next.filter(socket => open.has(socket)).length, 1)
    t.equal(sockets.filter(socket => open.has(socket)).length, 3)
    t.same(
      gateway.records.filter(({ event }) => event === 'cors.denied'),
      [],
      'nobody asked for anything',
    )
  })
}

/** Connects, and stays in `open` until it is closed. */
async function opened(t: Test, port: number, open: Set<Socket>): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  open.add(socket)
  socket.on('close', () => open.delete(socket)).on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 20))
}

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { ScanClient } from '../../src/scan/client.js'
import { Pace } from '../../src/scan/pace.js'
import { scanTarget } from '../../src/scan/scan-target.js'
import { readTarget, type ScanTarget } from '../../src/scan/target.js'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const { signal } = new AbortController()

t.test('an answer that does not come ends by its timeout, also while garbage is collected', async t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const collecting = setInterval(collect, 10)
  t.teardown(() => clearInterval(collecting))
  const target = await serve(t, () => {})
  const client = clientOf(t, 300)
  for (const headers of [[], [['X-Odd', 'a\x01b']]] as const) {
    const result = await client.send(target, { method: 'GET', path: '/', headers })
    t.same(result, { failure: 'no answer in time' })
  }
})

t.test('a server that stops answering is not waited for again and again', async t => {
  let requests = 0
  const target = await serve(t, socket => {
    if (++requests <= 3) socket.write(OK)
  })
  const result = await scanTarget(target, {
    client: clientOf(t, 100),
    labels: { first: 'kvtqzjwh', second: 'pmrxjdtl' },
    session: { headers: [], curlOptions: [] },
    known: [],
    signal,
  })
  t.equal(result.status, 'incomplete')
  t.match(result.error, /^6 of 9 requests got no answer in time \(--timeout\): no more were sent$/)
})

t.test('informational answers without end end the exchange', async t => {
  const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
  const target = await serve(t, (socket, text) => {
    socket.write(text.includes('few') ? hint.repeat(3) + OK : hint.repeat(2000))
  })
  const client = clientOf(t, 20_000)
  const ask = (name: string) =>
    client.send(target, { method: 'GET', path: `/${name}`, headers: [['X-Odd', 'a\x01b']] })
  t.match(await ask('few'), { answer: { status: 200 } })
  t.same(await ask('many'), { failure: 'more than 32 informational answers' })
})

function clientOf(t: Test, timeout: number): ScanClient {
  const client = new ScanClient({
    timeout,
    pace: new Pace(0),
    allowPrivate: true,
    resolve: new Map(),
    verifyTls: false,
    userAgent: 'crossgate-scan/test',
    signal,
  })
  t.teardown(() => client.close())
  return client
}

/** A server of bytes: `answer` gets every piece that comes. */
async function serve(t: Test, answer: (socket: Socket, text: string) => void): Promise<ScanTarget> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    socket.on('data', chunk => answer(socket, chunk.toString('latin1')))
  }).listen(0, '127.0.0.1')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  return readTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`) as ScanTarget
}

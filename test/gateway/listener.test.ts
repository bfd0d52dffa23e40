import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { connectionOf } from '../../src/gateway/listener/client-connection.js'
import { createListener, type ListenerParts } from '../../src/gateway/listener/listener.js'
import type { KeyPair } from '../../src/gateway/listener/listener-tls.js'
import { readSettings } from '../../src/read-settings.js'
import { closed } from '../helpers/closed.js'

interface Listening {
  readonly flags?: Readonly<Record<string, string>>
  readonly keyPair?: KeyPair
}

async function listen(t: Test, serve: RequestListener, { flags, keyPair }: Listening = {}) {
  const logged: { event: string; error: string }[] = []
  const open = { requests: 0 }
  const read = readSettings({ flags: { policy: 'policy.yaml', ...flags }, env: {}, file: new Map() })
  if ('errors' in read) throw new Error(read.errors.join())
  const parts = {
    settings: read.settings,
    keyPair,
    recurring: { add: (_: string, line: { event: string; error: string }) => logged.push(line) },
    recorder: { requestStarted: () => open.requests++, requestEnded: () => open.requests-- },
  }
  const server = createListener(parts as unknown as ListenerParts, serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.teardown(() => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, logged, open }
}

t.test('a fault of ours costs one request, not the process', async t => {
  const { url, logged, open } = await listen(t, (request, response) => {
    if (request.url === '/fails') throw new Error('a fault')
    if (request.url === '/fails-late') {
      response.write('half')
      throw new Error('a late fault')
    }
    response.end('fine')
  })
  const failed = await fetch(`${url}/fails`, { headers: { origin: 'https://app.example' } })
  t.equal(failed.status, 500)
  t.same(
    [...failed.headers.keys()].filter(name => name.startsWith('access-control-')),
    [],
    'it allows nobody anything',
  )
  t.match(failed.headers.get('connection'), 'close')
  await t.rejects(
    fetch(`${url}/fails-late`).then(response => response.text()),
    'an answer that has begun is cut',
  )
  t.equal(await (await fetch(`${url}/`)).text(), 'fine')
  t.same(
    logged.map(({ event, error }) => [event, error.split('\n')[0]]),
    [
      ['request.failed', 'Error: a fault'],
      ['request.failed', 'Error: a late fault'],
    ],
  )
  await t.resolves(
    until(() => open.requests === 0),
    'none is counted for ever',
  )
})

t.test('each request is counted once, however it is answered', async t => {
  let served = 0
  const { url, open } = await listen(t, ({ url, socket }, response) => {
    served++
    if (url === '/at-once') response.end()
    else if (url === '/in-turn') connectionOf(socket).inTurn(response, () => response.end())
    else connectionOf(socket).inTurn(response, () => setImmediate(() => response.end()))
  })
  const counts = new Set<number>()
  for (const paths of [
    ['at-once'],
    ['in-turn'],
    ['later'],
    ['later', 'at-once', 'in-turn', 'at-once', 'later'],
  ]) {
    const client = connect(Number(new URL(url).port), '127.0.0.1').resume()
    const heads = paths.map(path => `GET /${path} HTTP/1.1\r\nHost: a\r\n`)
    client.write(`${heads.join('\r\n')}Connection: close\r\n\r\n`)
    await closed(client)
    for (let turn = 0; turn < 10; turn++) {
      await new Promise(resolve => setImmediate(resolve))
      if (turn > 5) counts.add(open.requests)
    }
  }
  t.equal(served, 8)
  t.same([...counts], [0])
})

for (const scheme of ['http', 'https']) {
  t.test(`the limits of a connection: ${scheme}`, async t => {
    const tls = scheme === 'https'
    const fixture = (name: string) => readFileSync(`test/fixtures/tls/${name}.pem`)
    const { url } = await listen(t, (_, response) => response.end('fine'), {
      flags: {
        maxConnections: '2',
        maxRequestsPerSocket: '2',
        keepAliveTimeout: '3s',
        headersTimeout: '1s',
        maxHeaderBytes: '4KiB',
      },
      ...(tls && { keyPair: { cert: fixture('server'), key: fixture('server-key') } }),
    })
    const port = Number(new URL(url).port)
    const open = async () => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false }
      const socket = tls ? connectTls(options) : connect(options)
      t.teardown(() => socket.destroy())
      socket.on('error', () => {})
      // It is open, or already gone.
      await new Promise(done => socket.once(tls ? 'secureConnect' : 'connect', done).once('close', done))
      return socket
    }
    const ask = async (socket: Socket, more = '') => {
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`)
      return String((await once(socket, 'data'))[0])
    }

    const client = await open()
    const first = await ask(client)
    t.match(first, /^HTTP\/1\.1 200 /)
    t.match(first, /\r\nKeep-Alive: timeout=3, max=2\r\n/i, 'how long it is kept, and for how many')
    t.match(await ask(client), /\r\nConnection: close\r\n/i, 'the last of them says so')
    client.destroy()

    const large = await open()
    t.match(await ask(large, `A: ${'x'.repeat(5_000)}\r\n`), /^HTTP\/1\.1 431 /)
    await closed(large)

    const slow = await open()
    slow.write('GET / HTTP/1.1\r\nHost: a\r\n')
    t.match(String((await once(slow, 'data'))[0]), /^HTTP\/1\.1 408 /)
    await closed(slow)

    const held = [await open(), await open()]
    for (const socket of held) t.match(await ask(socket), /^HTTP\/1\.1 200 /)
    const oneTooMany = await open()
    await closed(oneTooMany)
    t.equal(oneTooMany.bytesRead, 0, 'it gets nothing')
    t.match(await ask(held[0]!), /^HTTP\/1\.1 200 /, 'and the others are served')
  })
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

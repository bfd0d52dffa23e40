import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import t, { type Test } from 'tap'
import { connectionOf } from '../../src/gateway/listener/client-connection.js'
import { createListener } from '../../src/gateway/listener.js'
import type { GatewayParts } from '../../src/gateway/request/gateway-parts.js'
import { readSettings } from '../../src/read-settings.js'

async function listen(t: Test, serve: RequestListener) {
  const logged: { event: string; error: string }[] = []
  const open = { requests: 0 }
  const read = readSettings({ flags: { policy: 'policy.yaml' }, env: {}, file: new Map() })
  if ('errors' in read) throw new Error(read.errors.join())
  const parts = {
    settings: read.settings,
    log: { error: (event: { event: string; error: string }) => logged.push(event) },
    recorder: { requestStarted: () => open.requests++, requestEnded: () => open.requests-- },
  }
  const server = createListener(parts as unknown as GatewayParts, serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
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
    await once(client, 'close')
    for (let turn = 0; turn < 10; turn++) {
      await new Promise(resolve => setImmediate(resolve))
      if (turn > 5) counts.add(open.requests)
    }
  }
  t.equal(served, 8)
  t.same([...counts], [0])
})

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

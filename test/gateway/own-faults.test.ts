import { ServerResponse } from 'node:http'
import t from 'tap'
import { parseHead } from '../../src/gateway/upstream/response-head.js'
import { MAIN, startGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { GET, gateway, nextIsClean, post } from './bare-transport.js'

// Faults of the gateway's own code on the way of a response: they cost that exchange, are told as what they are, and no
// upstream is blamed for them.

const PREPARED = new URL('../gateway/forward/prepare-exchange.js', `file://${MAIN}`)
const POLICY = (origin: string) => `version: 1
upstreams: { api: { url: "${origin}" } }
routes: [{ id: api, path: /**, upstream: api, websocket: true, cors: [] }]
`
const HANDSHAKE =
  'GET / HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
const FAULTY = 'X-Faulty: 1\r\n'

/** What Node loads before the gateway: its code with a fault where an answer has `X-Faulty`. */
const WITH_FAULT = `data:text/javascript,${encodeURIComponent(`
  import { PreparedExchange } from '${PREPARED}'
  const { responseHeaders } = PreparedExchange.prototype
  PreparedExchange.prototype.responseHeaders = function (status, lines) {
    if (lines.includes('X-Faulty')) return undefined.decision
    return responseHeaders.call(this, status, lines)
  }
`)}`

t.test('a fault of ours is a 500, logged with its stack, and no upstream is blamed', async t => {
  let answer = ok('SECRET', FAULTY)
  const upstream = await rawUpstream(t, async connection => {
    while (await connection.request()) connection.write(answer)
    connection.end()
  })
  const gateway = await startGateway(t, {
    policy: POLICY(upstream.origin),
    flags: ['--audit', 'all'],
    nodeFlags: ['--import', WITH_FAULT],
  })
  const failed = await send(gateway.port)
  t.match(failed, { status: 500, body: '' })
  const socket = await rawClient(t, gateway.port)
  answer = `HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${FAULTY}\r\n`
  socket.send(HANDSHAKE)
  t.equal((await socket.response()).status, 500)
  await (await upstream.connection(1)).closed
  answer = ok('fine')
  t.match(await send(gateway.port), { status: 200, body: 'fine' }, 'the process goes on')
  const exposition = await (await fetch(`${gateway.admin}/metrics`)).text()
  t.notMatch(exposition, /bad-gateway/)
  t.equal(await gateway.stop(), 0)
  const statuses = gateway.records.flatMap(({ event, status }) => (event === 'cors.allowed' ? [status] : []))
  t.strictSame(statuses, [500, 500, 200], 'each has its record')
  const faults = gateway.stderr().match(/"event":"request.failed","error":"TypeError: [^"]+ at [^"]+"/g)
  t.equal(faults?.length, 2)
  t.notMatch(gateway.stderr(), 'upstream.failed')
})

t.test('headers that Node does not write are a fault of ours', async t => {
  const upstream = await rawUpstream(t, always(ok('x')))
  for (const headers of [
    ['X-Bad', 'a\r\nb'],
    ['X Bad', 'a'],
  ]) {
    const { port, faults, outcomes, pool } = await gateway(t, upstream.origin, {
      responseHeaders: () => headers,
    })
    const client = await rawClient(t, port)
    client.send(post('a body'))
    t.equal((await client.response()).status, 500)
    t.match(faults, [{ code: /^ERR_INVALID_(CHAR|HTTP_TOKEN)$/ }])
    t.strictSame([outcomes, pool.active, pool.waiting], [[], 0, 0])
  }
})

t.test('no upstream can make them: what is read of an answer is what Node writes', async t => {
  for (let code = 0; code < 256; code++) {
    const byte = String.fromCharCode(code)
    for (const line of [`a${byte}b: 1`, `a: b${byte}c`]) {
      const headers = headersOf(line)
      if (headers !== undefined) t.ok(writes(headers), JSON.stringify(line))
    }
  }
})

t.test('a fault behind the head cuts what is not whole', async t => {
  for (const [what, method, answer, complete] of [
    ['in the body', 'write', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', false],
    ['when all is out', 'end', ok('whole'), true],
    ['at the end of a connection', 'end', 'HTTP/1.1 200 OK\r\n\r\nwhole', false],
  ] as const) {
    const upstream = await rawUpstream(t, async connection => {
      await connection.request()
      connection.write(answer)
      if (what.endsWith('connection')) connection.end()
    })
    let fault: Error | undefined = new TypeError(what)
    const { port, faults, pool } = await gateway(t, upstream.origin, {
      prepare: response => {
        const real = response[method] as () => never
        response[method] = (...given: []) => {
          if (fault === undefined) return real.apply(response, given)
          const thrown = fault
          fault = undefined
          throw thrown
        }
      },
    })
    const client = await rawClient(t, port)
    client.send(GET)
    const response = await client.response()
    t.strictSame([response.status, response.complete], [200, complete], what)
    t.match(faults, [{ message: what }])
    t.equal(pool.active, 0)
  }
})

t.test('a fault in the answer for an upstream that failed is a 500 too', async t => {
  const upstream = await rawUpstream(t, async connection => {
    await connection.request()
    if (upstream.requests.length > 1) connection.write(ok('clean'))
    connection.end()
  })
  const { port, faults, outcomes } = await gateway(t, upstream.origin, {
    prepare: response => {
      if (upstream.requests.length > 0) return
      const { writeHead } = response
      response.writeHead = () => {
        response.writeHead = writeHead
        throw new TypeError('a fault')
      }
    },
  })
  const client = await rawClient(t, port)
  client.send(post('a'))
  t.equal((await client.response()).status, 500)
  t.match(faults, [{ message: 'a fault' }])
  t.match(outcomes, [{ result: 'bad-gateway', code: 'ERR_CONNECTION_CLOSED' }], 'which is still told')
  await nextIsClean(t, await rawClient(t, port))
})

function headersOf(line: string): readonly string[] | undefined {
  try {
    return parseHead(`HTTP/1.1 200 OK\r\n${line}`).headers
  } catch {
    return undefined
  }
}

function writes(headers: readonly string[]): boolean {
  const response = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never)
  response.writeHead(200, [...headers])
  return response.headersSent
}

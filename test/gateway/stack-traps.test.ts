import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { closed } from '../helpers/closed.js'
import { freePort } from '../helpers/free-port.js'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

// The known traps of this stack (Fastify, http-proxy, reply-from, undici, node:http), each closed end to end.

const APP = 'https://app.example'
const policyFor = (upstream: string, more = ''): string => `
version: 1
upstreams: { api: { url: "${upstream}"${more} } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["${APP}"], allowMethods: [GET, POST, PUT, PURGE, QUERY, SEARCH], allowCredentials: true }] }
`
const allowed = {
  'access-control-allow-origin': APP,
  'access-control-allow-credentials': 'true',
  vary: 'Origin',
}

t.test('a GET is sent once, whatever the upstream answers', async t => {
  const upstream = await startUpstream(t, (_, response) => {
    response.writeHead(503, { 'content-length': 300_000 }).end(Buffer.alloc(300_000))
  })
  const gateway = await startGateway(t, { policy: policyFor(upstream.url, ', connections: 4') })
  for (let index = 0; index < 13; index++) t.equal((await send(gateway.port)).status, 503)
  t.equal(upstream.seen.length, 13)
})

t.test('a refused connection is 502, readable by an allowed origin, and names no address', async t => {
  const port = await freePort()
  const gateway = await startGateway(t, { policy: policyFor(`http://127.0.0.1:${port}`) })
  const answer = await send(gateway.port, { headers: { origin: APP } })
  t.equal(answer.status, 502)
  t.match(answer.headers, allowed)
  t.match(JSON.parse(answer.body), { reason: 'bad-gateway' })
  t.notMatch(answer.body, /127\.0\.0\.1|ECONN/)
})

for (const [what, bytes, status] of [
  ['before any byte', '', 502],
  ['mid-head', 'HTTP/1.1 200 OK\r\nContent-Le', 502],
  ['mid-body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', 200],
  ['mid-chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 200],
] as const) {
  t.test(`an upstream that dies ${what} is ${status === 502 ? 'a 502' : 'a visible cut'}`, async t => {
    const upstream = await startDyingUpstream(t, bytes)
    const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
    const answer = await send(gateway.port, { method: 'POST', body: 'x', headers: { origin: APP } })
    t.equal(answer.status, status)
    t.equal(answer.cut, status === 200, 'cut')
    t.match(answer.headers, allowed)
    t.equal(upstream.connections(), 1, 'the POST was sent once')
  })
}

t.test('a slow upstream is 504 in its header timeout', async t => {
  const upstream = await startUpstream(t, () => {})
  const gateway = await startGateway(t, { policy: policyFor(upstream.url, ', timeouts: { headers: 300ms }') })
  const answer = await send(gateway.port, { headers: { origin: APP } })
  t.equal(answer.status, 504)
  t.match(answer.headers, allowed)
})

t.test('a client that leaves ends its upstream request, and is recorded as such', async t => {
  const upstream = await startUpstream(t, () => {})
  const gateway = await startGateway(t, { policy: policyFor(upstream.url), flags: ['--audit', 'all'] })
  const arrived = once(upstream.server, 'request')
  const client = connect(gateway.port, '127.0.0.1')
  client.write(`GET /slow HTTP/1.1\r\nHost: a.example\r\nOrigin: ${APP}\r\n\r\n`)
  const [request] = await arrived
  const left = closed(request.socket)
  client.destroy()
  await left
  t.match(await gateway.record(() => true), { event: 'policy.loaded' })
  t.match(await gateway.record(({ path }) => path === '/slow'), { status: 499, reason: 'origin-allowed' })
})

t.test("the upstream's Vary is kept and ours is added once; its hop-by-hop headers end here", async t => {
  const upstream = await startUpstream(t, (_, response) => {
    response.writeHead(200, [
      'Vary',
      'Accept-Encoding',
      'vary',
      'ORIGIN',
      'Connection',
      'close, X-Internal',
      'X-Internal',
      'secret',
      'Keep-Alive',
      'timeout=99',
      'Proxy-Authenticate',
      'Basic',
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
    ])
    response.end('ok')
  })
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const answer = await send(gateway.port, { headers: { origin: APP } })
  t.same(answer.lines('vary'), ['Accept-Encoding, ORIGIN'])
  t.same(answer.lines('set-cookie'), ['a=1', 'b=2'])
  t.notMatch(answer.rawHeaders.join('\n'), /X-Internal|timeout=99|Proxy-Authenticate/i)
})

t.test('a Content-Type that is no media type is the upstream’s business', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  for (const type of ['nonsense', ' ', 'application/json ;', 'a/b/c', 'text/plain; charset="']) {
    const answer = await send(gateway.port, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: '{"half":',
    })
    t.equal(answer.status, 200, JSON.stringify(type))
  }
  t.same(new Set(upstream.seen.map(({ body }) => body)), new Set(['{"half":']))
})

t.test('methods beyond the usual seven are served', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  for (const method of ['PURGE', 'SEARCH', 'PROPFIND', 'REPORT', 'M-SEARCH']) {
    t.equal((await send(gateway.port, { method, path: `/${method}` })).status, 200, method)
  }
  t.equal(
    (await send(gateway.port, { method: 'PURGE', headers: { origin: APP } })).status,
    200,
    'PURGE, cross-origin',
  )
  t.same((await send(gateway.port, { method: 'MKCOL', headers: { origin: APP } })).status, 403, 'unlisted')
})

t.test('Expect: 100-continue is answered only once the body is wanted', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const head = (origin: string) =>
    `POST /up HTTP/1.1\r\nHost: a.example\r\nOrigin: ${origin}\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`
  const wanted = await talk(gateway, head(APP), text => (text.includes('100 Continue') ? 'hello' : undefined))
  t.match(wanted, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  const denied = await talk(gateway, head('https://evil.example'), () => undefined)
  t.match(denied, /^HTTP\/1\.1 403 /)
  const unasked = await talk(gateway, `${head(APP).replace('Expect: 100-continue\r\n', '')}hello`)
  t.match(unasked, /^HTTP\/1\.1 200 OK/, 'nobody waited for it')
  t.same(
    upstream.seen.map(({ body, headers }) => [body, headers.expect]),
    [
      ['hello', undefined],
      ['hello', undefined],
    ],
  )
})

t.test('headers that made the stack answer 500', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  for (const line of [
    'Keep-Alive: timeout=5',
    'Upgrade: h2c',
    'Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk',
    'TE: trailers',
    'Trailer: X-T',
    'Priority: u=1',
    'Proxy-Connection: keep-alive',
  ]) {
    const answer = await talk(
      gateway,
      `GET /odd HTTP/1.1\r\nHost: a.example\r\n${line}\r\n\r\nGET /end HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`,
    )
    t.match(answer, /^HTTP\/1\.1 200 OK/, line)
  }
  const odd = await talk(
    gateway,
    'GET / HTTP/1.1\r\nHost: a.example\r\nExpect: the-unexpected\r\nConnection: close\r\n\r\n',
  )
  t.match(odd, /^HTTP\/1\.1 200 OK/, 'decided and recorded like any other; Expect ends here')
  t.notOk(upstream.seen.some(({ headers }) => 'expect' in headers))
})

t.test('an Origin behind two thousand headers is not lost', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const flood = Array.from({ length: 2100 }, () => 'a:b').join('\r\n')
  const answer = await talk(
    gateway,
    `GET / HTTP/1.1\r\nHost: a.example\r\n${flood}\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n`,
  )
  t.match(answer, /^HTTP\/1\.1 431 /)
  t.equal(upstream.seen.length, 0)
  const record = await gateway.record(({ event }) => event === 'cors.denied')
  t.match(record, { reason: 'too-many-headers', origin: 'https://evil.example' })
})

t.test('as many headers as are allowed, and one more', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url), flags: ['--max-headers', '10'] })
  const ask = (more: number): Promise<string> =>
    talk(
      gateway,
      `GET / HTTP/1.1\r\nHost: a.example\r\nOrigin: ${APP}\r\nConnection: close\r\n${'a: b\r\n'.repeat(more)}\r\n`,
    )
  t.match(await ask(7), /^HTTP\/1\.1 200 /)
  const refused = await ask(8)
  t.match(refused, /^HTTP\/1\.1 431 /)
  t.match(refused, /\r\nAccess-Control-Allow-Origin: https:\/\/app\.example\r\n/i, 'readable by the page')
  t.match(refused, /\r\nVary: Origin\r\n/i)
})

t.test('a body over the limit is 413, by its header and by its chunks', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url), flags: ['--body-limit', '1KiB'] })
  const declared = await send(gateway.port, {
    method: 'POST',
    headers: { origin: APP },
    body: Buffer.alloc(1025),
  })
  t.equal(declared.status, 413)
  t.match(declared.headers, allowed)
  t.equal(upstream.seen.length, 0, 'nothing was forwarded')
  const chunked = await send(gateway.port, {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: Buffer.alloc(5000),
  })
  t.equal(chunked.status, 413)
  const fits = await send(gateway.port, {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: Buffer.alloc(1024),
  })
  t.equal(fits.status, 200)
  const page = await (await fetch(`${gateway.admin}/upstreams`)).text()
  t.match(
    page,
    /<dt>Requests<\/dt><dd>3.*\n<dt>Failures<\/dt><dd><span class="soft">none</,
    'no failure of the upstream',
  )
  await gateway.stop()
  t.match(gateway.stderr(), /"level":"info".*"event":"request.refused".*"failure":"payload-too-large"/)
  t.notMatch(gateway.stderr(), /upstream\.failed/)
})

t.test('a request that never ends is ended', async t => {
  const upstream = await startUpstream(t, (request, response) => {
    request.on('end', () => response.end('ok'))
  })
  const gateway = await startGateway(t, {
    policy: policyFor(upstream.url),
    flags: ['--request-timeout', '700ms', '--headers-timeout', '500ms'],
  })
  const slowBody = await talk(gateway, 'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nabc')
  t.match(slowBody, /^(HTTP\/1\.1 408 |$)/)
  const slowHead = await talk(gateway, 'POST / HTTP/1.1\r\nHost: a.exa')
  t.match(slowHead, /^HTTP\/1\.1 408 /)
})

t.test('what two parsers could read differently is refused and never forwarded', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const get = (target: string, more = ''): string =>
    `GET ${target} HTTP/1.1\r\nHost: a.example\r\n${more}Connection: close\r\n\r\n`
  const rows = [
    ['two Hosts', get('/', 'Host: b.example\r\n'), 400],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a.example/evil\r\nConnection: close\r\n\r\n', 400],
    [
      'gzip, chunked',
      'POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['absolute form', get('http://evil.example/'), 400],
    ['asterisk form', get('*').replace('GET', 'OPTIONS'), 400],
    ['TRACE', get('/').replace('GET', 'TRACE'), 405],
    ['CONNECT', get('evil.example:80').replace('GET', 'CONNECT'), 405],
    ['a bad percent', get('/%zz'), 400],
    ['a backslash', get('/x\\..\\..\\admin'), 400],
    ['a fragment', get('/a#b'), 400],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ] as const
  for (const [what, bytes, status] of rows) {
    const answer = await talk(gateway, bytes)
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), what)
    t.notMatch(answer, /access-control|evil|Error| {4}at /i, `${what}: nothing is disclosed`)
    const methods = status === 405 ? 'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' : undefined
    t.equal(/^Allow: .*/im.exec(answer)?.[0], methods, `${what}: which methods are served`)
  }
  t.equal(upstream.seen.length, 0)
  await gateway.stop()
  t.same(
    gateway.records.flatMap(({ event, status }) => (event === 'cors.denied' ? [status] : [])),
    rows.map(([, , status]) => status),
    'each leaves its record',
  )
})

t.test('a framing fault ends the connection, with whatever stands behind it', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url), flags: ['--audit', 'all'] })
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: a.example\r\n\r\n'
  for (const bytes of [
    `POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunkedchunked\r\n\r\n0\r\n\r\n${hidden}`,
    `GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n${hidden}`,
  ]) {
    const answer = await talk(gateway, bytes)
    t.match(answer, /^HTTP\/1\.1 400 /)
    t.equal(answer.match(/HTTP\/1\.1/g)?.length, 1, 'one answer')
  }
  t.equal(upstream.seen.length, 0)
  await gateway.stop()
  t.same(
    gateway.records
      .filter(({ event }) => event !== 'policy.loaded')
      .map(({ reason, status }) => [reason, status]),
    [
      ['request-malformed', 400],
      ['request-malformed', 400],
    ],
  )
})

t.test('a malformed chunk is 400, is recorded as such, and never reaches the upstream', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url), flags: ['--audit', 'all'] })
  const answer = await talk(
    gateway,
    'POST /c HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  )
  t.match(answer, /^HTTP\/1\.1 400 /)
  t.match(await gateway.record(({ path }) => path === '/c'), { status: 400 })
  t.equal(upstream.seen.length, 0)
})

t.test('garbage behind a request never gets into its answer', async t => {
  const upstream = await startUpstream(t, (_, response) => response.write('first '))
  const gateway = await startGateway(t, { policy: policyFor(upstream.url, ', timeouts: { idle: 1s }') })
  const garbage = (text: string) => (text.includes('first') ? 'GARBAGE\r\n\r\n' : undefined)
  const answer = await talk(gateway, 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n', garbage)
  t.match(answer, /first/)
  t.equal(answer.match(/HTTP\/1\.1/g)?.length, 1, 'one answer, cut')
})

t.test('no secret of a target that cannot be read gets into the record', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  for (const target of [
    'http://user:s3cret@h.example/x?token=s3cret',
    '/x#access_token=s3cret',
    '/x%zz?k=s3cret',
  ]) {
    await talk(gateway, `GET ${target} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`)
  }
  await gateway.stop()
  const paths = gateway.records.filter(({ event }) => event === 'cors.denied').map(({ path }) => path)
  t.same(paths, ['/x', '/x', '/x%zz'])
})

t.test('forwarded headers are ours unless the peer is trusted', async t => {
  const upstream = await startUpstream(t)
  const spoofed = {
    host: 'api.example',
    'x-forwarded-for': '198.51.100.7',
    'x-forwarded-proto': 'https',
    forwarded: 'for=1.2.3.4',
    x_forwarded_for: '6.6.6.6',
    'x-real-ip': '6.6.6.6',
  }
  const strict = await startGateway(t, { policy: policyFor(upstream.url) })
  await send(strict.port, { headers: spoofed })
  t.match(upstream.seen[0]?.headers, {
    'x-forwarded-for': /^127\.0\.0\.1$/,
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'api.example',
  })
  t.notMatch(upstream.seen[0]?.rawHeaders.join('\n') ?? '', /1\.2\.3\.4|6\.6\.6\.6/)
  const behind = await startGateway(t, {
    policy: policyFor(upstream.url),
    flags: ['--trusted-proxies', '127.0.0.0/8', '--audit', 'all'],
  })
  await send(behind.port, { headers: { ...spoofed, origin: 'https://api.example' }, method: 'DELETE' })
  t.match(upstream.seen[1]?.headers, {
    'x-forwarded-for': '198.51.100.7, 127.0.0.1',
    'x-forwarded-proto': 'https',
  })
  t.match(await behind.record(({ event }) => event === 'cors.allowed'), {
    client: '198.51.100.7',
    reason: 'same-origin',
  })
})

/** Sends bytes and reads until the gateway closes; `reply` may answer what came so far. */
async function talk(
  gateway: TestGateway,
  bytes: string,
  reply: (text: string) => string | undefined = () => undefined,
): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', chunk => {
    text += chunk
    const more = reply(text)
    if (more !== undefined) socket.write(more, 'latin1')
  })
  socket.write(bytes, 'latin1')
  await closed(socket)
  return text
}

async function startDyingUpstream(t: Test, bytes: string) {
  let connections = 0
  const open = new Set<Socket>()
  const server = createServer(socket => {
    connections++
    open.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => (bytes === '' ? socket.destroy() : socket.write(bytes, () => socket.destroy())))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, connections: () => connections }
}

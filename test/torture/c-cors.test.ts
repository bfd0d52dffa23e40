import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { parseHeaderNames } from '../../src/cors/header-name.js'
import { parseOriginPattern } from '../../src/cors/origins/origin-pattern.js'
import { oracleHolds } from '../cors/oracle.js'
import { holdsOf, setOf } from '../fuzz/fuzz-origins.js'
import { type RawClient, rawClient } from '../helpers/raw-client.js'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { craftedOrigins, PATTERNS } from './inputs/origins.js'
import { promise, WHOLE } from './promise.js'
import { ALLOWED, eachOf, eventually, FOREIGN, head, openRig, policyOf, ROUTES, shoot } from './rig.js'

const CORS_NAMES = [
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Credentials',
  'Access-Control-Allow-Methods',
  'Access-Control-Allow-Headers',
  'Access-Control-Expose-Headers',
  'Access-Control-Max-Age',
  'Access-Control-Allow-Private-Network',
  'Access-Control-Request-Method',
  'Access-Control-Allow-Anything',
  'Access-Control-',
  'Timing-Allow-Origin',
  'Access-Control-Allow-Origin',
]

promise('C1', async (t, row) => {
  let sent: readonly string[] = []
  let status = 200
  const upstream = await rawUpstream(t, async connection => {
    while ((await connection.request()) !== undefined)
      connection.write(
        `HTTP/1.1 ${status} X\r\n${sent.map(name => `${name}: ${FOREIGN}\r\n`).join('')}Content-Length: 0\r\n\r\n`,
      )
  })
  const { port } = await openRig(t, policyOf(upstream.origin))
  const casings: readonly ((name: string) => string)[] = [
    name => name,
    name => name.toLowerCase(),
    name => name.toUpperCase(),
    name =>
      [...name].map((letter, index) => (index % 2 ? letter.toUpperCase() : letter.toLowerCase())).join(''),
  ]
  let count = 0
  for (const name of CORS_NAMES) {
    for (const cased of casings) {
      for (const times of [1, 2, 5]) {
        for (status of [200, 304, 404, 500]) {
          sent = Array.from({ length: times }, () => cased(name))
          for (const origin of [ALLOWED, undefined]) {
            const answer = await send(port, { headers: origin === undefined ? {} : { origin } })
            const mine =
              origin === undefined
                ? []
                : [
                    'access-control-allow-origin',
                    'access-control-allow-credentials',
                    'access-control-expose-headers',
                  ]
            const holds =
              answer.status === status &&
              `${answer.cors().sort()}` === `${mine.sort()}` &&
              !JSON.stringify(answer.rawHeaders).includes(FOREIGN)
            if (!holds) t.fail(`${cased(name)} × ${times}, ${status}`, { headers: answer.rawHeaders })
            if (origin !== undefined && answer.lines('access-control-allow-origin').length !== 1)
              t.fail('exactly one ACAO')
            count++
          }
        }
      }
    }
  }
  row.tried(count)
  row.figure(
    `${CORS_NAMES.length} names × 4 casings × 1, 2 and 5 times × 4 statuses, with and without Origin: none survived`,
  )
})

promise('C2', async (t, row) => {
  const upstream = await startUpstream(t)
  const routes = `  - id: api
    path: /**
    upstream: api
    cors:
      - allowOrigins: [${PATTERNS.map(pattern => `"${pattern}"`).join(', ')}]
        allowMethods: [GET]
`
  const { port } = await openRig(t, policyOf(upstream.url, routes))
  const origins = craftedOrigins()
  let accepted = 0
  await eachOf(origins, 8, async origin => {
    const { text, statuses } = await shoot(
      port,
      head('GET / HTTP/1.1', 'Host: gateway.example', `Origin: ${origin}`, 'Connection: close'),
    )
    // What a header can't carry (CR, LF, NUL) never becomes an origin; surrounding space is not part of a value.
    const value = Buffer.from(origin, 'latin1')
      .toString('latin1')
      .replace(/^[ \t]+|[ \t]+$/g, '')
    const holds = PATTERNS.some(pattern => oracleHolds(pattern, value))
    const allowed = statuses[0] === 200
    if (allowed) accepted++
    if (allowed !== holds) t.fail(`${JSON.stringify(origin)}: ${statuses}, the oracle says ${holds}`)
    if (!allowed && /access-control-allow/i.test(text)) t.fail(`${origin}: CORS headers on a refusal`)
  })
  t.ok(accepted > 5, 'some are allowed')
  t.equal(upstream.seen.length, accepted, 'the upstream saw the allowed ones')
  row.tried(origins.length)
  row.figure(`${accepted} accepted, all by the oracle too; ${origins.length - accepted} refused`)
})

promise('C3', async (t, row) => {
  const pairs = WHOLE ? 5_000_000 : 200_000
  const random = seeded(405)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
  const label = (): string =>
    pick(['a', 'b', 'www', 'shop', 'evil', 'xn--d', '1', 'example', 'com', '-', '_'])
  const host = (): string => Array.from({ length: 1 + Math.floor(random() * 4) }, label).join('.')
  const origin = (): string => {
    let text = `${pick(['https', 'http', 'capacitor', 'ws'])}://${host()}${pick(['', '', '', ':8443', ':443', ':80', ':1', ':65535', ':0'])}`
    while (random() < 0.15) {
      const at = Math.floor(random() * text.length)
      text =
        text.slice(0, at) +
        pick(['.', ':', '/', '@', '*', '%', 'A', '\\', '#', '', ' ', '[', ']', '\t', ',']) +
        text.slice(at + Math.floor(random() * 2))
    }
    return text
  }
  let done = 0
  let held = 0
  let sets = 0
  while (done < pairs) {
    const texts = new Set<string>()
    while (texts.size < 6) {
      const text = `${pick(['https', 'http', 'capacitor'])}://${random() < 0.4 ? '*.' : ''}${host()}${pick(['', '', ':8443', ':*', ':1'])}`
      if ('pattern' in parseOriginPattern(text)) texts.add(text)
    }
    const set = setOf([...texts])
    sets++
    for (let round = 0; round < 1000 && done < pairs; round++, done++) {
      const asked = random() < 0.3 ? near(pick([...texts]), pick, label) : origin()
      const mine = holdsOf(set, asked)
      const theirs = [...texts].some(pattern => oracleHolds(pattern, asked))
      if (mine) held++
      if (mine !== theirs) {
        t.fail(`${JSON.stringify(asked)} in ${[...texts]}: ${mine}, the oracle says ${theirs}`)
        return
      }
    }
  }
  row.tried(done)
  row.figure(
    `${done.toLocaleString('en')} pairs over ${sets} sets, ${held.toLocaleString('en')} held by both, no difference`,
  )
})

promise('C4', async (t, row) => {
  const vary: readonly (string | undefined)[] = [
    undefined,
    'Accept-Encoding',
    'origin',
    'Accept, ORIGIN, Accept-Language',
    '*',
  ]
  const upstream = createServer((request, response) => serveVary(request.url ?? '', response, vary))
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  const { port: upstreamPort } = upstream.address() as { port: number }
  const { port } = await openRig(t, policyOf(`http://127.0.0.1:${upstreamPort}`), ['--body-limit', '10'])
  const cache = new SharedCache()
  let count = 0
  for (const [kind, given] of vary.entries()) {
    for (const status of [200, 304, 404, 502, 413]) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        for (const origin of [undefined, ALLOWED, FOREIGN]) {
          if (status === 413 && method !== 'GET') continue
          const path = `/${status}/${kind}/${method === 'OPTIONS' ? 'p' : 'g'}`
          const headers = {
            ...(origin !== undefined && { origin }),
            ...(method === 'OPTIONS' && { 'access-control-request-method': 'GET' }),
          }
          const ask = status === 413 ? { method: 'POST', body: 'x'.repeat(20) } : { method }
          const answer = await send(port, { ...ask, path, headers })
          const tokens = answer
            .lines('vary')
            .join(', ')
            .split(',')
            .map(token => token.trim())
            .filter(token => token !== '')
          const lower = tokens.map(token => token.toLowerCase())
          const what = `${method} ${path} ${origin}`
          if (!lower.includes('*') && lower.filter(token => token === 'origin').length !== 1)
            t.fail(`${what}: Origin once in ${tokens}`)
          if (new Set(lower).size !== lower.length) t.fail(`${what}: no token twice in ${tokens}`)
          const forwarded = [200, 304, 404].includes(answer.status) && method !== 'OPTIONS'
          for (const token of forwarded ? (given ?? '').split(', ').filter(token => token !== '') : [])
            if (!lower.includes(token.toLowerCase()) && !lower.includes('*'))
              t.fail(`${what}: ${token} is kept in ${tokens}`)
          cache.checkStored(t, path, method, origin, answer)
          count++
        }
      }
    }
  }
  row.tried(count)
  row.figure(
    `Origin once and every upstream token kept in ${count} answers; a shared cache gave none to another origin`,
  )
})

promise('C5', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const routes = `${ROUTES}  - { id: none, path: /none/**, upstream: api }
  - { id: strip, path: /strip/**, upstream: api, onDenied: strip }
  - { id: open, path: /open/**, upstream: api, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
`.replace('path: /**', 'path: /api/**')
  const { port, ledger, ask, gateway } = await openRig(t, policyOf(upstream.origin, routes))
  const asks = Array.from({ length: 1000 }, (_, index) => ({
    method: 'OPTIONS',
    path: ['/api/x', '/none/x', '/strip/x', '/open/x', '/unknown', '/api/%2e%2e/x', '/api'][index % 7]!,
    headers: {
      origin: [
        ALLOWED,
        FOREIGN,
        'null',
        'https://app.example:8443',
        'not an origin',
        `http://127.0.0.1:${port}`,
      ][index % 6]!,
      'access-control-request-method': ['GET', 'PUT', 'put', 'TRACE', '', 'GET, PUT', 'PATCH', '*'][
        index % 8
      ]!,
      ...(index % 3 === 0 && { 'access-control-request-headers': 'x-asked, authorization' }),
      ...(index % 5 === 0 && { authorization: 'Bearer t', cookie: 'a=b' }),
      ...(index % 4 === 0 && { 'content-length': '5' }),
      ...(index % 11 === 0 && { 'sec-fetch-site': 'same-origin' }),
    },
    ...(index % 4 === 0 && { body: 'hello' }),
  }))
  await eachOf(asks, 16, ask)
  t.equal(upstream.connections.length, 0, 'the upstream was never dialled')
  await ledger.settle(t, gateway)
  row.tried(asks.length)
  row.figure(`${asks.length} preflights, 0 connections to the upstream`)
})

promise('C6', async (t, row) => {
  const lists: readonly (readonly [what: string, value: string, verdict: boolean])[] = [
    ['16 KB of commas', ','.repeat(16_384), false],
    ['4,000 names', Array.from({ length: 4000 }, (_, index) => `n${index}`).join(','), false],
    ['a flood of spaces', `x-asked${' '.repeat(16_000)}`, false],
    ['a flood of tabs and commas', '\t,'.repeat(8_000), false],
    ['4,096 commas', ','.repeat(4096), true],
    ['one name of 4,096', 'a'.repeat(4096), true],
    ['64 names', Array.from({ length: 64 }, (_, index) => `n${index}`).join(','), true],
    ['65 names', Array.from({ length: 65 }, (_, index) => `n${index}`).join(','), false],
    ['64 names, each twice', Array.from({ length: 128 }, (_, index) => `n${index % 64}`).join(', '), true],
    ['2,048 spaces around one', `${' '.repeat(2000)}x-asked${' '.repeat(2000)}`, true],
    ['no list', 'x-asked x-other', false],
  ]
  let slowest = 0
  for (const [what, value, verdict] of lists) {
    t.equal(parseHeaderNames(value) !== undefined, verdict, what)
    const rounds = 200
    const before = process.memoryUsage().heapUsed
    const started = performance.now()
    for (let round = 0; round < rounds; round++) parseHeaderNames(value)
    const each = (performance.now() - started) / rounds
    const bytes = Math.max(0, process.memoryUsage().heapUsed - before) / rounds
    slowest = Math.max(slowest, each)
    t.ok(each < 2, `${what}: ${each.toFixed(3)} ms`)
    t.ok(bytes < 256 * 1024, `${what}: ${Math.round(bytes)} B`)
  }
  const { port } = await openRig(t, policyOf('http://127.0.0.1:9'), ['--max-header-bytes', '64KiB'])
  const asking = (...lists: string[]): string =>
    head(
      'OPTIONS / HTTP/1.1',
      'Host: x',
      `Origin: ${ALLOWED}`,
      'Access-Control-Request-Method: PUT',
      ...lists.map(list => `Access-Control-Request-Headers: ${list}`),
      'Connection: close',
    )
  for (const [what, bytes, status] of [
    ['three lines', asking('x-asked', 'content-type', ' , x-asked'), 204],
    ['16 KB of commas', asking(','.repeat(16_384)), 403],
    ['empty elements', asking(', , x-asked,, '), 204],
  ] as const)
    t.same((await shoot(port, bytes)).statuses, [status], what)
  row.tried(lists.length + 3)
  row.figure(`the slowest took ${slowest.toFixed(3)} ms`)
})

promise('C7', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { port } = await openRig(t, policyOf(upstream.origin))
  const own = `http://127.0.0.1:${port}`
  const types = [
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/json',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded; application/json',
  ]
  let count = 0
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    for (const type of types) {
      for (const site of [undefined, 'cross-site', 'same-site', 'none']) {
        for (const origin of [FOREIGN, 'null', 'https://app.example.evil.example']) {
          const headers = {
            origin,
            'content-type': type,
            cookie: 'session=alice',
            ...(site && { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }),
          }
          const answer = await send(port, {
            method,
            headers,
            ...(method === 'POST' && { body: 'amount=1000' }),
          })
          if (answer.status !== 403 || answer.cors().length > 0)
            t.fail(`${method} ${type} ${site} ${origin}: ${answer.status}`)
          count++
        }
      }
    }
  }
  t.equal(upstream.connections.length, 0, 'the upstream was never dialled')
  for (const headers of [
    { origin: own },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
    { origin: ALLOWED },
  ]) {
    t.equal(
      (await send(port, { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body: 'x' }))
        .status,
      200,
      JSON.stringify(headers),
    )
  }
  row.tried(count + 3)
  row.figure(`${count} forged requests: 403, 0 connections to the upstream; own and allowed origins pass`)
})

promise('C8', async (t, row) => {
  const upstream = await rawUpstream(t, async connection => {
    for (;;) {
      const line = await connection.head()
      if (line === undefined) return
      if (line.includes('/reset')) return connection.reset()
      if (line.includes('/garbage')) return connection.write('garbage\r\n\r\n')
      if (line.includes('/417')) connection.write(ok('no').replace('200 OK', '417 Expectation Failed'))
      if (line.includes('/ok')) connection.write(ok('fine'))
    }
  })
  const routeTo = (name: string): string => `  - id: ${name}
    path: /${name}/**
    upstream: ${name}
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET], allowCredentials: true, exposeHeaders: [x-exposed] }]
`
  const policy = policyOf(upstream.origin, ROUTES + routeTo('nowhere') + routeTo('full')).replace(
    'routes:\n',
    `  nowhere: { url: "http://127.0.0.1:9" }
  full: { url: "${upstream.origin}", connections: 1, queue: 0 }
routes:\n`,
  )
  const limits = ['--body-limit', '10', '--headers-timeout', '3s', '--request-timeout', '3s']
  const { port } = await openRig(t, policy, limits)
  const asked = async (client: RawClient, method: string, target: string, ...lines: string[]) => {
    client.send(head(`${method} ${target} HTTP/1.1`, 'Host: x', ...lines))
    return { client, response: () => client.response(method) }
  }
  const good = await send(port, { path: '/ok', headers: { origin: ALLOWED } })
  const expected = [...good.cors(), 'vary'].map(name => [name, good.lines(name)])
  const holding = await rawClient(t, port)
  await asked(holding, 'GET', '/full/hang')
  await eventually(() => upstream.connections.some(({ received }) => received.includes('/full/hang')))

  const chunked = 'Transfer-Encoding: chunked'
  const cases: readonly ReadableCase[] = [
    { what: '413 by header', status: 413, ask: ['POST', '/ok', 'Content-Length: 11'] },
    {
      what: '413 by chunk',
      status: 413,
      ask: ['POST', '/hang', chunked],
      body: ['5\r\nhello\r\n', '6\r\nworld!\r\n'],
    },
    {
      what: '400 in mid-body',
      status: 400,
      ask: ['POST', '/hang', chunked],
      body: ['5\r\nhello\r\n', 'zz\r\n'],
    },
    { what: '400 at once', status: 400, ask: ['POST', '/hang', chunked], body: ['zz\r\n'] },
    {
      what: '408 of a body that stalls',
      status: 408,
      ask: ['POST', '/hang', 'Content-Length: 9'],
      body: ['h'],
    },
    {
      what: '408 of a body that drips',
      status: 408,
      ask: ['POST', '/hang', 'Content-Length: 9'],
      body: [...'drip…'],
    },
    { what: '417', status: 417, ask: ['GET', '/417', 'Expect: the-unexpected'] },
    {
      what: '431 by count',
      status: 431,
      ask: ['GET', '/ok', ...Array.from({ length: 101 }, (_, n) => `x-${n}: y`)],
    },
    { what: '502 refused', status: 502, ask: ['GET', '/nowhere/x'] },
    { what: '502 reset', status: 502, ask: ['GET', '/reset'] },
    { what: '502 garbage', status: 502, ask: ['GET', '/garbage'] },
    { what: '503', status: 503, ask: ['GET', '/full/x'] },
    { what: '504', status: 504, ask: ['GET', '/hang'] },
  ]
  await eachOf(cases, 4, async ({ what, ask: [method, target, ...lines], status, body = [] }) => {
    const { client, response } = await asked(
      await rawClient(t, port),
      method,
      target,
      `Origin: ${ALLOWED}`,
      ...lines,
    )
    const over = { yet: false }
    void client.closed.then(() => (over.yet = true))
    for (const [index, piece] of body.entries()) {
      if (index > 0) await wait(900)
      if (!over.yet) client.send(piece)
    }
    const answer = await response()
    t.equal(answer.status, status, what)
    for (const [name, values] of expected) t.same(answer.all(name as string), values, `${what}: ${name}`)
    const text = answer.head.replace(/Date.*?GMT/, '') + answer.body
    t.notMatch(text, /access-control-(?!allow-origin|allow-credentials|expose)/i, `${what}: no other`)
    t.notMatch(text, /127\.0\.0\.1|ECONN|UND_ERR|node:|nowhere/, `${what}: no internal address`)
    const foreign = await asked(await rawClient(t, port), method, target, `Origin: ${FOREIGN}`, ...lines)
    const refused = await foreign.response()
    t.equal(refused.status, status === 431 ? 431 : 403, `${what}: a foreign origin`)
    t.notMatch(refused.head, /access-control/i, `${what}: gets none`)
  })
  const origin = `Origin: ${ALLOWED}`
  for (const [what, bytes, status] of [
    ['TRACE', head('TRACE /ok HTTP/1.1', 'Host: x', origin), 405],
    ['CONNECT', head('CONNECT x:443 HTTP/1.1', 'Host: x', origin), 405],
    // A head that was not read to its end, or that two parsers read differently, has no origin to answer to.
    ['431 by bytes', head('GET /ok HTTP/1.1', 'Host: x', origin, `x: ${'y'.repeat(20_000)}`), 431],
    ['400 of the head', head('GET /ok HTTP/1.1', 'Host: x', origin, 'no colon'), 400],
    ['two hosts', head('GET /ok HTTP/1.1', 'Host: x', 'Host: y', origin), 400],
    ['408 of the head', `GET /ok HTTP/1.1\r\nHost: x\r\n${origin}\r\n`, 408],
  ] as const) {
    const { statuses, text } = await shoot(port, bytes, 8000)
    t.same(statuses, [status], what)
    t.notMatch(text, /access-control/i, `${what}: no CORS header`)
    t.equal(/^Allow: GET, HEAD, POST/m.test(text), status === 405, `${what}: Allow on 405`)
  }
  row.tried(cases.length * 2 + 6)
  row.figure(
    `${cases.map(({ what }) => what).join(', ')}: the CORS headers and Vary of a success; 405 names the methods; where the head was not read there is no origin to answer to`,
  )
})

interface ReadableCase {
  readonly what: string
  readonly status: number
  readonly ask: readonly [method: string, target: string, ...lines: string[]]
  /** Sent one after the other, the first at once. */
  readonly body?: readonly string[]
}

/** A cache that keys by URL and by what Vary names, as RFC 9111 section 4.1 has it. */
class SharedCache {
  readonly #stored = new Map<
    string,
    { vary: string; origin: string | undefined; allowed: string | undefined }[]
  >()

  checkStored(
    t: { fail(message: string): unknown },
    path: string,
    method: string,
    origin: string | undefined,
    answer: { lines(name: string): string[] },
  ): void {
    if (method === 'OPTIONS') return
    const entries = this.#stored.get(path) ?? []
    for (const entry of entries) {
      const matches = entry.vary !== '*' && (!/\borigin\b/i.test(entry.vary) || entry.origin === origin)
      const reads = entry.allowed === undefined || entry.allowed === '*' || entry.allowed === origin
      if (matches && (!reads || (origin === ALLOWED && entry.allowed === undefined)))
        t.fail(`${path}: an answer for ${entry.origin} would be given to ${origin}`)
    }
    entries.push({
      vary: answer.lines('vary').join(', '),
      origin,
      allowed: answer.lines('access-control-allow-origin')[0],
    })
    this.#stored.set(path, entries)
  }
}

function serveVary(url: string, response: ServerResponse, vary: readonly (string | undefined)[]): void {
  const [, status, kind] = url.split('/')
  if (status === '502') {
    response.socket?.destroy()
    return
  }
  const given = vary[Number(kind)]
  response.writeHead(Number(status), given === undefined ? {} : { Vary: given }).end()
}

function near(pattern: string, pick: <T>(values: readonly T[]) => T, label: () => string): string {
  const port = pick(['', ':8443', ':1', ':443', ':99999'])
  return pattern
    .replace('*.', pick(['', `${label()}.`, `${label()}.${label()}.`, '.', '*.']))
    .replace(':*', port)
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

import type { Test } from 'tap'
import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { faultyAnswers, HIDDEN, LEAK, smuggled } from './inputs/framing.js'
import { promise } from './promise.js'
import {
  ALLOWED,
  decisionsOf,
  eventually,
  head,
  openRig,
  openSocket,
  policyOf,
  ROUTES,
  shoot,
  unique,
} from './rig.js'

promise('S1', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { gateway, port } = await openRig(t, policyOf(upstream.origin))
  for (const [what, bytes] of smuggled()) {
    const before = decisionsOf(gateway).length
    const { statuses, closed } = await shoot(port, bytes)
    t.same(statuses, [400], what)
    t.not(closed, 'open', `${what}: closed`)
    t.ok(await eventually(() => decisionsOf(gateway).length === before + 1, 3000), `${what}: one record`)
  }
  t.equal(upstream.connections.length, 0, 'the upstream saw no byte')

  // A body that streams already when its framing breaks: the upstream may know its beginning, never a whole request.
  const late = await openSocket(port)
  late.write('POST /late HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  const connection = await upstream.connection(0)
  await connection.arrived()
  late.write(`zz\r\n\r\n0\r\n\r\n${HIDDEN}`)
  late.resume()
  t.ok(
    await eventually(() => connection.socket.readableEnded || connection.socket.destroyed),
    'the upstream sees the cut',
  )
  t.equal(upstream.requests.length, 0, 'no whole request')
  t.notOk(
    connection.received.includes('hidden') || connection.received.includes('0\r\n\r\n'),
    'nothing behind the fault',
  )
  row.tried(smuggled().length + 1)
  row.figure(`${smuggled().length} variants: 400 and closed; 0 bytes upstream`)
})

promise('S2', async (t, row) => {
  const upstream = await rawUpstream(t, async connection => {
    for (
      let request = await connection.request();
      request !== undefined;
      request = await connection.request()
    )
      if (request.target !== '/slow') connection.write(ok('seen'))
  })
  const { gateway, port } = await openRig(t, policyOf(upstream.origin))
  const get = (id: string, ...more: string[]): string =>
    head(`GET /${id} HTTP/1.1`, 'Host: x', `X-Request-Id: ${id}`, ...more)
  const last = 'Connection: close'
  const kinds: readonly (readonly [what: string, more: string, status: number])[] = [
    ['allowed', `Origin: ${ALLOWED}`, 200],
    ['denied', 'Origin: https://evil.example', 403],
    ['ambiguous', 'X-A: b', 200],
  ]
  for (const [first, firstMore, firstStatus] of kinds) {
    for (const [second, secondMore, secondStatus] of kinds) {
      const [one, two] = [unique(), unique()]
      const { statuses } = await shoot(port, get(one, firstMore) + get(two, secondMore, last))
      t.same(statuses, [firstStatus, secondStatus], `${first}, then ${second}`)
      for (const id of [one, two]) {
        const records = () => decisionsOf(gateway).filter(record => record['requestId'] === id)
        t.ok(await eventually(() => records().length === 1), 'a record of its own')
      }
    }
  }
  const early = `POST /early HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nContent-Length: 5\r\n\r\nhello`
  const { statuses } = await shoot(port, early + get(unique(), last))
  t.same(statuses, [403, 200], 'an early answer to the first')
  const fifty = Array.from({ length: 50 }, (_, index) => get(`n${index}`, ...(index === 49 ? [last] : [])))
  t.equal((await shoot(port, fifty.join(''))).statuses.length, 50, 'fifty in one segment')
  // Whatever ends the connection ends what is queued on it: one record each, and no upstream request goes on.
  const slow = get('slow-1').replace('/slow-1', '/slow')
  for (const [what, behind] of [
    ['a client that leaves', ''],
    ['garbage', 'zzz\r\n\r\n'],
    ['CONNECT', head('CONNECT /x HTTP/1.1', 'Host: x')],
    ['an upgrade', head('GET /x HTTP/1.1', 'Host: x', 'Connection: upgrade', 'Upgrade: h2c')],
  ] as const) {
    const before = decisionsOf(gateway).length
    const queued = head('POST /queued HTTP/1.1', 'Host: x', 'Content-Length: 2')
    await shoot(port, `${slow}${queued}ok${behind}`, 300)
    const wanted = behind === '' ? 2 : 3
    await eventually(() => decisionsOf(gateway).length >= before + wanted, 4000)
    t.equal(decisionsOf(gateway).length - before, wanted, `${what}: a record each`)
  }
  const most = await oneConnection(t)
  row.tried(kinds.length ** 2 * 2 + 52 + 340)
  row.figure(
    `each answered in order with a record of its own; 120 slow ones on one connection: ${most} upstream at once`,
  )
})

/** One client pipelines 120 slow requests, twice; @returns how many of them were with the upstream at once. */
async function oneConnection(t: Test): Promise<number> {
  let [active, most] = [0, 0]
  const upstream = await startUpstream(t, (request, response) => {
    most = Math.max(most, ++active)
    response.once('close', () => active--)
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.once('end', () => {
      const answer = (): unknown => response.end(`<${request.url}${Buffer.concat(chunks)}>`)
      if (!request.url?.startsWith('/stuck')) setTimeout(answer, 2 + (chunks.length % 7))
    })
  })
  const { gateway, port } = await openRig(t, policyOf(upstream.url, ROUTES, 'timeouts: { headers: 60s }'))
  const requests = Array.from({ length: 120 }, (_, index) => {
    const body = 'x'.repeat(index % 3 === 0 ? 100 + index * 20 : 0)
    const length = body === '' ? [] : [`Content-Length: ${body.length}`]
    const last = index === 119 ? ['Connection: close'] : []
    return {
      path: `/${index}`,
      body,
      bytes: head(`${body === '' ? 'GET' : 'PUT'} /${index} HTTP/1.1`, 'Host: x', ...length, ...last) + body,
    }
  })
  const { text } = await shoot(port, requests.map(({ bytes }) => bytes).join(''), 60_000)
  const answers = [...text.matchAll(/<([^>]*)>/g)].map(([, answer]) => answer)
  t.same(
    answers,
    requests.map(({ path, body }) => path + body),
    '120 are answered, whole and in their order',
  )
  t.equal(most, 1, 'one at a time')
  const seen = most

  const before = decisionsOf(gateway).length
  const greedy = await openSocket(port)
  greedy.write(head('GET /stuck HTTP/1.1', 'Host: x').repeat(120))
  t.ok(await eventually(() => active === 1), 'stuck ones take one slot')
  const others = await Promise.all(Array.from({ length: 100 }, () => send(port, { path: '/other' })))
  t.same(new Set(others.map(({ status }) => status)), new Set([200]), 'and leave the rest to others')
  greedy.destroy()
  t.ok(await eventually(() => active === 0), 'a client that leaves frees them')
  const records = (): number => decisionsOf(gateway).length - before
  t.ok(await eventually(() => records() === 220), `${records()} records for 120 and 100`)
  return seen
}

promise('S3', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { port } = await openRig(t, policyOf(upstream.origin))
  const many = (count: number, ...more: string[]): string =>
    head(
      'GET / HTTP/1.1',
      'Host: x',
      'Connection: close',
      ...Array.from({ length: count - 2 - more.length }, (_, index) => `a${index}: b`),
      ...more,
    )
  const cases: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ['100 headers', many(100), 200],
    ['101 headers', many(101), 431],
    ['100 headers, a foreign Origin last', many(100, 'Origin: https://evil.example'), 403],
    ['2,100 tiny headers, a foreign Origin last', many(2100, 'Origin: https://evil.example'), 431],
    ['2,100 tiny headers, an allowed Origin last', many(2100, `Origin: ${ALLOWED}`), 431],
    ['15 KiB in one header', many(3, `x: ${'y'.repeat(15 * 1024)}`), 200],
    ['17 KiB in one header', many(3, `x: ${'y'.repeat(17 * 1024)}`), 431],
    ['17 KiB in a target', head(`GET /${'y'.repeat(17 * 1024)} HTTP/1.1`, 'Host: x'), 431],
    ['1 MiB in one header', many(3, `x: ${'y'.repeat(1024 * 1024)}`), 431],
  ]
  for (const [what, bytes, status] of cases) {
    const { statuses, closed } = await shoot(port, bytes)
    // Whoever still sends when we close may get a reset in place of the answer; it is refused all the same.
    if (statuses.length === 0) t.equal(closed, 'reset', `${what}: refused`)
    else t.same(statuses, [status], what)
  }
  t.notOk(
    upstream.requests.some(({ head }) => head.includes('evil.example')),
    'no foreign Origin was lost on the way',
  )
  row.tried(cases.length)
  row.figure('100 headers pass, 101 are 431; 16 KiB pass, more are 431')
})

promise('S4', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { port } = await openRig(t, policyOf(upstream.origin))
  const twice = (method: string, ...lines: string[]): string =>
    head(`${method} / HTTP/1.1`, 'Host: x', ...lines, 'Connection: close')
  const cases: readonly (readonly [what: string, bytes: string])[] = [
    ['Host, equal', twice('GET', 'Host: x')],
    ['Host, other', twice('GET', 'host: y')],
    ['Origin, equal', twice('GET', `Origin: ${ALLOWED}`, `Origin: ${ALLOWED}`)],
    ['Origin, foreign first', twice('GET', 'Origin: https://evil.example', `Origin: ${ALLOWED}`)],
    ['Origin, foreign last', twice('GET', `Origin: ${ALLOWED}`, 'origin: https://evil.example')],
    ['Origin, empty first', twice('GET', 'Origin:', `Origin: ${ALLOWED}`)],
    ['Origin, empty last', twice('GET', `Origin: ${ALLOWED}`, 'Origin:')],
    ['Content-Length, other', `${twice('POST', 'Content-Length: 1', 'Content-Length: 2')}xx`],
    [
      'ACRM',
      twice(
        'OPTIONS',
        `Origin: ${ALLOWED}`,
        'Access-Control-Request-Method: GET',
        'Access-Control-Request-Method: PUT',
      ),
    ],
    [
      'ACRM, equal',
      twice(
        'OPTIONS',
        `Origin: ${ALLOWED}`,
        'Access-Control-Request-Method: GET',
        'Access-Control-Request-Method: GET',
      ),
    ],
  ]
  for (const [what, bytes] of cases) {
    const { statuses } = await shoot(port, bytes)
    t.ok(statuses.length === 1 && [400, 403].includes(statuses[0]!), `${what}: ${statuses}`)
  }
  t.equal(upstream.connections.length, 0, 'nothing upstream')
  row.tried(cases.length)
  row.figure('all 400 or 403; 0 bytes upstream')
})

promise('S5', async (t, row) => {
  let bytes = ''
  const upstream = await rawUpstream(t, async connection => {
    for (;;) {
      const request = await connection.request()
      if (request === undefined) return
      if (request.target.startsWith('/good')) {
        connection.write(ok(request.target))
        continue
      }
      connection.write(bytes)
      if (bytes.length < 12 || bytes.startsWith('SSH')) connection.end()
    }
  })
  const { gateway, port } = await openRig(t, policyOf(upstream.origin))
  const good = async (what: string): Promise<void> => {
    const path = `/good/${unique()}`
    const { status, body } = await send(port, { path })
    t.same([status, body], [200, path], `${what}: the next client gets its own answer`)
  }
  for (const [what, faulty] of faultyAnswers()) {
    bytes = faulty
    const { text, statuses } = await shoot(port, head('GET /bad HTTP/1.1', 'Host: x', 'Connection: close'))
    const cut = what === 'a chunk of no size'
    t.ok(
      cut ? statuses[0] === 200 && !text.includes('0\r\n\r\n') : statuses[0] === 502 && statuses.length === 1,
      `${what}: ${statuses}`,
    )
    t.notOk(text.includes(LEAK), `${what}: none of its text`)
    await good(what)
  }
  for (const [what, extra] of [
    ['extra bytes', LEAK],
    ['a second, unsolicited answer', ok(LEAK)],
    ['half an answer more', `HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${LEAK}`],
  ] as const) {
    bytes = ok('mine') + extra
    for (let round = 0; round < 10; round++) {
      const { text } = await shoot(port, head('GET /bad HTTP/1.1', 'Host: x', 'Connection: close'))
      t.ok(text.endsWith('mine') && !text.includes(LEAK), `${what}: cut off`)
      await good(what)
    }
  }
  t.equal(gateway.child.exitCode, null, 'the process is alive')
  row.tried(faultyAnswers().length + 30)
  row.figure(
    `${faultyAnswers().length} broken answers: 502 or a cut, none of their text; 30 with bytes behind: never the next client's`,
  )
})

promise('S6', async (t, row) => {
  let location = ''
  const upstream = await rawUpstream(t, async connection => {
    while ((await connection.request()) !== undefined)
      connection.write(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
  })
  const { port } = await openRig(t, policyOf(upstream.origin))
  let count = 0
  for (const split of [
    '\r\nSet-Cookie: evil=1',
    '\nSet-Cookie: evil=1',
    '\rSet-Cookie: evil=1',
    '%0d%0aSet-Cookie: evil=1',
    '%0aSet-Cookie:%20evil=1',
    '\u560d\u560aSet-Cookie: evil=1',
    '%E5%98%8D%E5%98%8ASet-Cookie: evil=1',
    '\0Set-Cookie: evil=1',
    '\x0bSet-Cookie: evil=1',
    '\x85Set-Cookie: evil=1',
  ]) {
    for (const [what, lines] of [
      ['origin', ['GET / HTTP/1.1', 'Host: x', `Origin: ${ALLOWED}${split}`]],
      ['path', [`GET /a${split} HTTP/1.1`, 'Host: x']],
      ['query', [`GET /a?b=${split} HTTP/1.1`, 'Host: x']],
      ['request id', ['GET / HTTP/1.1', 'Host: x', `X-Request-Id: a${split}`]],
      [
        'ACRH',
        [
          'OPTIONS / HTTP/1.1',
          'Host: x',
          `Origin: ${ALLOWED}`,
          'Access-Control-Request-Method: PUT',
          `Access-Control-Request-Headers: a${split}`,
        ],
      ],
    ] as const) {
      location = '/elsewhere'
      const { text, statuses } = await shoot(port, head(...lines, 'Connection: close'))
      t.notMatch(text, /^set-cookie:/im, `${what} ${JSON.stringify(split)}`)
      t.ok(statuses.length <= 1, 'one status line')
      count++
    }
    location = `/a${split}`
    const { text, statuses } = await shoot(port, head('GET / HTTP/1.1', 'Host: x', 'Connection: close'))
    // An upstream may set cookies: only a Location that we made into two headers is a split. A real CRLF is its own header.
    if (!Buffer.from(split, 'latin1').toString('latin1').startsWith('\r\n'))
      t.notMatch(text, /^set-cookie:/im, `Location ${JSON.stringify(split)}`)
    t.equal(statuses.length, 1, 'one status line')
    count++
  }
  row.tried(count)
  row.figure('no header or status line that was not ours')
})

promise('S7', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { gateway, port } = await openRig(t, policyOf(upstream.origin, ROUTES))
  let count = 0
  for (const name of [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
    'then',
  ]) {
    for (const bytes of [
      head('GET / HTTP/1.1', 'Host: x', `${name}: y`, 'Connection: close'),
      head('GET / HTTP/1.1', 'Host: x', `Connection: close, ${name}`),
      head(`GET /${name}/${name} HTTP/1.1`, 'Host: x', 'Connection: close'),
      head('GET / HTTP/1.1', `Host: ${name}`, 'Connection: close'),
      head(`${name} / HTTP/1.1`, 'Host: x', 'Connection: close'),
      head('GET / HTTP/1.1', 'Host: x', `Origin: ${name}`, 'Connection: close'),
      head('GET / HTTP/1.1', 'Host: x', `Origin: https://${name}`, 'Connection: close'),
      head(
        'OPTIONS / HTTP/1.1',
        'Host: x',
        `Origin: ${ALLOWED}`,
        `Access-Control-Request-Method: ${name}`,
        'Connection: close',
      ),
      head(
        'OPTIONS / HTTP/1.1',
        'Host: x',
        `Origin: ${ALLOWED}`,
        'Access-Control-Request-Method: PUT',
        `Access-Control-Request-Headers: ${name}`,
        'Connection: close',
      ),
    ]) {
      const { statuses, text } = await shoot(port, bytes)
      t.ok(statuses.length === 1 && statuses[0]! < 500, `${name}: ${statuses}`)
      t.notMatch(text, new RegExp(`allow-(?:headers|methods|origin):.*${name}`, 'i'), 'no lookup hit')
      count++
    }
  }
  t.equal(gateway.child.exitCode, null, 'the process is alive')
  row.tried(count)
  row.figure('no 5xx, no lookup hit')
})

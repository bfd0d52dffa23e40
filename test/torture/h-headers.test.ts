import { always, ok, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { promise } from './promise.js'
import { ALLOWED, head, openRig, policyOf, shoot, unique } from './rig.js'

const HOP_BY_HOP = [
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Authentication-Info',
  'TE',
  'Trailer',
  'Upgrade',
  'HTTP2-Settings',
]

promise('H1', async (t, row) => {
  const answer =
    'Connection: x-named, X-OTHER, vary, set-cookie, access-control-allow-origin\r\nX-Named: gone\r\nx-other: gone\r\nSet-Cookie: a=b\r\nVary: Accept\r\n'
  const gone = HOP_BY_HOP.filter(name => name !== 'Connection' && name !== 'Upgrade')
    .map(name => `${name}: gone\r\n`)
    .join('')
  const upstream = await rawUpstream(t, always(ok('seen', answer + gone)))
  const { port } = await openRig(t, policyOf(upstream.origin))
  const casings: readonly ((name: string) => string)[] = [
    name => name,
    name => name.toLowerCase(),
    name => name.toUpperCase(),
  ]
  let count = 0
  for (const cased of casings) {
    for (const name of HOP_BY_HOP) {
      const value = name === 'Upgrade' ? 'foo/2' : name === 'Connection' ? 'x-a' : 'gone'
      const id = unique()
      const { text, statuses } = await shoot(
        port,
        head(
          'GET / HTTP/1.1',
          'Host: x',
          `Origin: ${ALLOWED}`,
          'Cookie: a=b',
          'Authorization: Bearer t',
          'X-A: gone',
          `${cased('X-B')}: gone`,
          `${cased(name)}: ${value}`,
          `X-Request-Id: ${id}`,
          `Connection: close, x-a, ${cased('x-b')}, ${cased('origin')}, cookie, host, authorization, x-request-id, x-forwarded-for, content-length`,
        ),
      )
      t.same(statuses, [200], `${cased(name)}`)
      const seen = upstream.requests.find(request => request.head.includes(id))
      const names = seen?.headers.map(([header]) => header.toLowerCase()) ?? []
      const left = names.filter(
        header => header !== 'connection' && HOP_BY_HOP.some(hop => hop.toLowerCase() === header),
      )
      t.same(left, [], 'none of the list goes upstream')
      t.notOk(names.includes('x-a') || names.includes('x-b'), 'nominated ones are gone')
      t.match(seen?.head, /connection: keep-alive/i, 'and Connection is our own')
      for (const kept of ['origin', 'cookie', 'host', 'authorization', 'x-request-id', 'x-forwarded-for'])
        t.ok(names.includes(kept), `${kept} survives`)
      t.notMatch(text, /: gone/, 'none comes back')
      t.match(text, /Set-Cookie: a=b\r\n/, 'what browsers rely on does')
      t.match(text, /Vary: Accept, Origin\r\n/, 'Vary too')
      t.match(text, /Access-Control-Allow-Origin: /, 'and what we own')
      count++
    }
  }
  row.tried(count)
  row.figure(`${HOP_BY_HOP.length} names × 3 casings, nominated ones in both directions`)
})

promise('H2', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const spoofs = [
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'X-Forwarded-Anything',
    'Forwarded',
    'X-Real-IP',
    'X-Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Host',
    'Client-IP',
    'Proxy',
    'X_Forwarded_For',
    'X_Forwarded-For',
    'X.Forwarded.For',
    'X_Real_IP',
    'X_Original_URL',
    'Content_Length',
    'Transfer_Encoding',
    'Transfer.Encoding',
    'Host_',
    'X_Request_Id',
    'Access_Control_Request_Method',
    'Sec_Fetch_Site',
    'X_HTTP_Method_Override',
    'Origin_',
  ].filter(name => !name.endsWith('_'))
  let count = 0
  for (const trusted of [false, true]) {
    const { port } = await openRig(
      t,
      policyOf(upstream.origin),
      trusted ? ['--trusted-proxies', '127.0.0.0/8'] : [],
    )
    for (const name of spoofs) {
      for (const cased of [name, name.toLowerCase(), name.toUpperCase()]) {
        const id = unique()
        const spoof = /for$/i.test(name) ? '6.6.6.6' : /proto/i.test(name) ? 'gopher' : 'spoofed.example'
        await shoot(
          port,
          head(
            'GET / HTTP/1.1',
            'Host: honest.example',
            `${cased}: ${spoof}`,
            `X-Request-Id: ${id}`,
            'Connection: close',
          ),
        )
        const seen = upstream.requests.find(request => request.head.includes(id))
        const told = trusted && cased.toLowerCase() === 'x-forwarded-for'
        t.ok(seen !== undefined, `${cased} arrived`)
        t.equal(
          seen?.head.includes(spoof),
          told,
          `${cased}, ${trusted ? 'trusted' : 'untrusted'}: ${told ? 'extended' : 'gone'}`,
        )
        t.match(
          seen?.head,
          told ? /X-Forwarded-For: 6\.6\.6\.6, 127\.0\.0\.1\r/ : /X-Forwarded-For: 127\.0\.0\.1\r/,
          'X-Forwarded-For is ours',
        )
        t.match(
          seen?.head,
          /X-Forwarded-Proto: http\r\nX-Forwarded-Host: honest\.example/,
          'Proto and Host are ours',
        )
        count++
      }
    }
  }
  row.tried(count)
  row.figure(`${spoofs.length} names × 3 casings, from an untrusted and a trusted peer`)
})

promise('H3', async (t, row) => {
  const cookies = Array.from({ length: 5 }, (_, index) => `Set-Cookie: c${index}=${index}; Path=/\r\n`).join(
    '',
  )
  const answers = `${cookies}X-Multi: a\r\nx-MULTI: b\r\nX-Latin: caf\xe9 \xff\r\nX-Empty:\r\nx-exposed: y\r\n`
  const upstream = await rawUpstream(t, always(ok('seen', answers)))
  const { port } = await openRig(t, policyOf(upstream.origin))
  const lines: string[] = []
  for (let index = 0; index < 50; index++) {
    const name = [
      'X-Mixed-Case',
      'x-lower',
      'X-UPPER',
      'x-RePeated',
      'X-Latin',
      'X_Own_Name',
      'x.dotted',
      "x!#$%&'*+-^`|~",
    ][index % 8]!
    lines.push(
      `${name}${index % 8 === 3 ? '' : `-${index}`}: ${['v', '', 'caf\xe9', '"q, q"', 'a,b', 'a b  c', '\x80\xff', ';='][(index * 3) % 8]}`,
    )
  }
  for (let round = 0; round < 10; round++) {
    const { text, statuses } = await shoot(
      port,
      head('GET / HTTP/1.1', 'Host: x', ...lines, 'Connection: close'),
    )
    t.same(statuses, [200])
    const seen = upstream.requests.at(-1)!.headers.map(([name, value]) => `${name}: ${value}`)
    const ours = /^(?:host|x-forwarded-|forwarded|x-request-id|connection|traceparent)/i
    t.same(seen.filter(line => !ours.test(line)).sort(), [...lines].sort(), 'the same multiset upstream')
    t.same(
      [...text.matchAll(/^Set-Cookie: c(\d)/gm)].map(match => match[1]),
      ['0', '1', '2', '3', '4'],
      'cookies in order',
    )
    for (const kept of ['X-Multi: a', 'x-MULTI: b', 'X-Latin: caf\xe9 \xff', 'x-exposed: y'])
      t.ok(text.includes(`\r\n${kept}\r\n`), kept)
    t.match(text, /\r\nX-Empty: ?\r\n/, 'the empty one')
  }
  row.tried(10 * 50)
  row.figure('50 request and 9 response header lines, names and bytes as they were')
})

promise('H4', async (t, row) => {
  const upstream = await rawUpstream(t, always(ok('seen')))
  const { gateway, port } = await openRig(t, policyOf(upstream.origin))
  const names = [
    'Expect',
    'Keep-Alive',
    'Upgrade',
    'TE',
    'Trailer',
    'Priority',
    'HTTP2-Settings',
    'Connection',
    'Content-Type',
    'Accept',
    'Range',
    'If-None-Match',
    'Proxy-Connection',
    'Max-Forwards',
    'Content-Encoding',
    'Sec-WebSocket-Key',
    'Access-Control-Request-Method',
    'traceparent',
    'Via',
    'Date',
    'Alt-Svc',
    'X-HTTP-Method-Override',
  ]
  const values = [
    '',
    '100-continue',
    '200-maybe',
    'timeout=5, max=1',
    'h2c',
    'h2c, websocket',
    'websocket',
    'trailers',
    'gzip;q=2',
    'u=9, i=?2',
    'AAMAAABkAAQAAP__',
    'close',
    'upgrade',
    'keep-alive, upgrade, HTTP2-Settings',
    ',,,',
    '"',
    '\xff\xfe',
    'a'.repeat(4000),
    '0',
    '-1',
    '%00',
    '../../',
  ]
  let count = 0
  const found: Record<string, number> = {}
  for (const name of names) {
    for (const value of values) {
      const lines = [
        `${name}: ${value}`,
        ...(name === 'Upgrade' ? ['Connection: upgrade, close'] : ['Connection: close']),
      ]
      const { statuses } = await shoot(
        port,
        head('GET / HTTP/1.1', 'Host: x', ...lines),
        name === 'Expect' || name === 'Connection' ? 1500 : 3000,
      )
      const last = statuses.at(-1) ?? 0
      t.ok(last >= 200 && last < 500, `${name}: ${value.slice(0, 20)}: ${statuses}`)
      found[last] = (found[last] ?? 0) + 1
      count++
    }
  }
  t.equal((await send(port)).status, 200, 'still serving')
  t.equal(gateway.child.exitCode, null)
  row.tried(count)
  row.figure(
    Object.entries(found)
      .map(([status, times]) => `${status} × ${times}`)
      .join(', '),
  )
})

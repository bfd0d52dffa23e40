import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

const ALLOWED = 'https://app.example'
const FOREIGN = 'https://evil.example'

/** What a browser says of a request, in short. */
type Said = readonly [method: string, site: string, mode: string, dest: string, origin?: string]

const CASES: readonly (readonly [what: string, said: Said, status: number, reason: string])[] = [
  ['an image of another site', ['GET', 'cross-site', 'no-cors', 'image'], 403, 'cross-site-load'],
  ['a script of another site', ['GET', 'cross-site', 'no-cors', 'script'], 403, 'cross-site-load'],
  ['a fetch without CORS', ['GET', 'cross-site', 'no-cors', 'empty'], 403, 'cross-site-load'],
  ['a WebSocket-less beacon', ['POST', 'cross-site', 'no-cors', 'empty', FOREIGN], 403, 'cross-site-load'],
  ['a link that is followed', ['GET', 'cross-site', 'navigate', 'document'], 200, 'not-cors'],
  ['a link in a frame', ['GET', 'cross-site', 'navigate', 'iframe'], 200, 'not-cors'],
  ['an object', ['GET', 'cross-site', 'navigate', 'object'], 403, 'cross-site-navigation'],
  ['an embed', ['GET', 'cross-site', 'navigate', 'embed'], 403, 'cross-site-navigation'],
  ['a form with POST', ['POST', 'cross-site', 'navigate', 'document', FOREIGN], 403, 'cross-site-navigation'],
  [
    'a form with POST, no Origin',
    ['POST', 'cross-site', 'navigate', 'document'],
    403,
    'cross-site-navigation',
  ],
  ['an image of the same site', ['GET', 'same-site', 'no-cors', 'image'], 200, 'not-cors'],
  ['our own page', ['GET', 'same-origin', 'no-cors', 'image'], 200, 'not-cors'],
  ['our own form', ['POST', 'same-origin', 'navigate', 'document', 'null'], 200, 'same-origin'],
  ['typed by the user', ['GET', 'none', 'navigate', 'document'], 200, 'not-cors'],
  ['an allowed origin', ['GET', 'cross-site', 'cors', 'empty', ALLOWED], 200, 'origin-allowed'],
  ['an allowed origin, POST', ['POST', 'cross-site', 'no-cors', 'empty', ALLOWED], 200, 'origin-allowed'],
  [
    'a denied origin that may not even load',
    ['GET', 'cross-site', 'cors', 'empty', FOREIGN],
    403,
    'cross-site-load',
  ],
]

const policy = (upstream: string): string => `version: 1
upstreams: { api: { url: "${upstream}" } }
routes:
  - id: isolated
    path: /isolated
    upstream: api
    fetchMetadata: isolate
    onDenied: strip
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET, POST] }]
  - { id: public, path: /public, upstream: api, fetchMetadata: isolate, cors: [{ allowOrigins: ["*"], allowMethods: [GET] }] }
  - { id: plain, path: /plain, upstream: api }
  - { id: report, path: /report, upstream: api, fetchMetadata: isolate, mode: report }
`

t.test('fetchMetadata: isolate', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policy(upstream.url), flags: ['--audit', 'all'] })
  const ask = (path: string, [method, site, mode, dest, origin]: Said, id = 'x') =>
    send(gateway.port, {
      method,
      path,
      headers: {
        'sec-fetch-site': site,
        'sec-fetch-mode': mode,
        'sec-fetch-dest': dest,
        'x-request-id': id,
        ...(origin !== undefined && { origin }),
      },
    })
  for (const [index, [what, said, status, reason]] of CASES.entries()) {
    const before = upstream.seen.length
    const answer = await ask('/isolated', said, `case-${index}`)
    t.equal(answer.status, status, what)
    t.equal(
      upstream.seen.length - before,
      status === 200 ? 1 : 0,
      `${what}: ${status === 200 ? 'forwarded' : 'kept here'}`,
    )
    t.match(await gateway.record(record => record['requestId'] === `case-${index}`), { reason }, what)
    t.match(
      answer.lines('vary').join(),
      /Origin, Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest/,
      `${what}: for caches`,
    )
  }
  const image: Said = ['GET', 'cross-site', 'no-cors', 'image']
  t.equal((await ask('/plain', image)).status, 200, 'a route that does not isolate')
  t.equal((await ask('/report', image)).status, 200, 'report mode records and forwards')
  t.match(await gateway.record(({ route }) => route === 'report'), {
    reason: 'cross-site-load',
    enforced: false,
  })
  t.equal((await ask('/public', image)).status, 403, 'a public route is for those who ask with an Origin')
  const open = await ask('/public', ['GET', 'cross-site', 'cors', 'empty', FOREIGN])
  t.match(open.lines('vary').join(), /Sec-Fetch-Site/, 'and its answer is not for every cache')
  const old = await send(gateway.port, { path: '/isolated' })
  t.equal(old.status, 200, 'a client that sends no Sec-Fetch-Site')
})

t.test('config/mcp.yaml guards a server of the Model Context Protocol', async t => {
  const upstream = await startUpstream(t)
  const example = readFileSync(resolve(import.meta.dirname, '../../config/mcp.yaml'), 'utf8')
  const gateway = await startGateway(t, { policy: example.replace('http://127.0.0.1:3001', upstream.url) })
  const ask = (headers: Record<string, string>, method = 'POST') =>
    send(gateway.port, { method, path: '/mcp', headers, ...(method === 'POST' && { body: '{}' }) })

  for (const [what, headers] of [
    ['a foreign page', { origin: FOREIGN }],
    ['a rebound name with its own origin', { origin: `http://evil.example:${gateway.port}` }],
    ['an opaque origin', { origin: 'null' }],
    ['a form of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ] as const) {
    t.equal((await ask(headers)).status, 403, what)
  }
  const rebound = { host: 'evil.example', origin: 'http://evil.example' }
  t.equal((await ask(rebound)).status, 421, 'a rebound Host')
  t.equal(upstream.seen.length, 0, 'the server heard of none of them')

  const client = { origin: 'http://localhost:6274' }
  t.equal((await ask(client)).status, 200, 'a page that is listed')
  t.equal((await ask({})).status, 200, 'a client that is no browser')
  const wanted = 'content-type,mcp-session-id,mcp-protocol-version,authorization'
  const asked = {
    ...client,
    'access-control-request-method': 'POST',
    'access-control-request-headers': wanted,
  }
  const answer = await ask(asked, 'OPTIONS')
  t.equal(answer.status, 204)
  t.match(answer.lines('access-control-allow-headers').join(), /mcp-session-id.*mcp-protocol-version/)
})

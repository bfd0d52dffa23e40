import t from 'tap'
import { startGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { startUpstream } from '../helpers/upstream.js'

const ORIGIN = 'https://a.example'

const ROWS: readonly Row[] = [
  { host: 'api.example', status: 200 },
  { host: 'api.example', origin: 'https://b.example', status: 403 },
  { host: 'api.example:8080', status: 200 },
  { method: 'TRACE', host: 'api.example', origin: '', status: 405 },
  { method: 'CONNECT', host: 'api.example', origin: '', status: 405 },
  { method: 'FOO', host: 'api.example', status: 400 },
  { method: 'patch', host: 'api.example', status: 400 },
  { method: 'PURGE', host: 'api.example', status: 200 },
  { host: 'user@api.example', status: 400 },
  { host: 'api_x!.example', status: 400 },
  { host: 'api.example:123456', status: 400 },
  { host: 'api.example', path: '/a b', status: 400 },
  { host: 'api.example', path: '/a%2Fb', status: 400 },
  { host: 'api.example', headers: ['x-a', 'x-b'], status: 200 },
  { host: 'api.example', headers: ['x(a'], status: 400 },
  { host: 'api.example', headers: ['x-a', 'x-b', 'x-c', 'x-d'], status: 431 },
  { host: 'api.example', path: `/${'a'.repeat(1_500)}`, status: 431 },
]

interface Row {
  readonly method?: string
  readonly host: string
  readonly path?: string
  readonly origin?: string
  readonly headers?: readonly string[]
  /** What a client gets; the upstream answers 200. */
  readonly status: number
}

t.test('what "Try it" says is what a request gets, under the limits of this gateway', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: `version: 1
upstreams: { a: { url: "${upstream.url}" } }
routes:
  - id: a
    path: /**
    upstream: a
    cors: [{ allowOrigins: ["${ORIGIN}"], allowMethods: ["*"], allowHeaders: ["*"] }]
`,
    flags: ['--max-headers', '5', '--max-header-bytes', '1400'],
  })
  for (const row of ROWS) {
    const { method = 'GET', host, path = '/', origin = ORIGIN, headers = [], status } = row
    const client = await rawClient(t, gateway.port)
    const lines = [
      `Host: ${host}`,
      ...(origin === '' ? [] : [`Origin: ${origin}`]),
      ...headers.map(name => `${name}: `),
    ]
    client.send(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    const name = `${method} ${host}${path.slice(0, 9)} ${headers}`
    t.equal((await client.response()).status, status, `${name}: the gateway`)

    const asked = new URLSearchParams({
      url: `http://${host}${path}`,
      origin,
      method,
      headers: headers.join(),
    })
    t.equal(await triedStatus(`${gateway.admin}/try?${asked}`), status, `${name}: Try it`)
  }
})

t.test('what no script can send is said', async t => {
  const gateway = await startGateway(t, {
    policy: `version: 1
upstreams: { a: { url: "http://127.0.0.1:9" } }
routes: [{ id: a, path: /**, upstream: a, cors: [{ allowOrigins: ["${ORIGIN}"], allowMethods: [GET], allowHeaders: [x-a] }] }]
`,
  })
  const said = async (method: string, headers: string) => {
    const asked = new URLSearchParams({ url: 'http://api.example/', origin: ORIGIN, method, headers })
    return (await fetch(`${gateway.admin}/try?${asked}`)).text()
  }
  t.match(
    await said('TRACE', ''),
    /Denied: Method not served here[\s\S]*Browsers do not let a script send TRACE\./,
  )
  const page = await said('GET', 'Host, x-a, sec-fetch-site')
  t.match(page, /Allowed: [\s\S]*let a script set host\.[\s\S]*let a script set sec-fetch-site\./)
  t.match(page, /A preflight goes first, because of the header x-a\./)
})

/** What the page says that a client gets, once all steps are through. */
async function triedStatus(url: string): Promise<number> {
  const text = await (await fetch(url)).text()
  const unread = /Denied: (\d+), before any policy is asked/.exec(text)
  const answers = [
    ...text.matchAll(/<dt>Answer<\/dt><dd>(?:(?:refused )?by Crossgate: (\d+)|the upstream’s)/g),
  ]
  return Number(unread?.[1] ?? answers.at(-1)?.[1] ?? (answers.length > 0 ? 200 : 0))
}

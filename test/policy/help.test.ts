import t from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { pasteAll } from '../helpers/paste.js'

// What the help of a mistake says: followed, it must not lead into the next one.

const policy = (upstream: string, route = '', top = '') => `version: 1
upstreams:
  u: ${upstream}
routes:
  - { id: a, path: /**, upstream: u, ${route} }
${top}
`
const RULE = 'allowOrigins: [https://a.example], allowMethods: [GET]'
const rule = (more: string) => policy('{ url: https://u }', `cors: [{ ${more} }]`)
const URL = 'url: https://u'

const ROWS: readonly (readonly [text: string, at: string, help: string])[] = [
  // Known keys in the wrong place
  [policy(`{ ${URL}, ca: a.pem }`), 'ca', 'it belongs in `tls`: tls: { ca: … }'],
  [
    policy(`{ ${URL}, insecureSkipVerify: true }`),
    'insecureSkipVerify',
    'it belongs in `tls`: tls: { dangerouslySkipVerify: … }',
  ],
  [
    policy(`{ ${URL}, tls: { insecureSkipVerify: true } }`),
    'insecureSkipVerify',
    'did you mean `dangerouslySkipVerify`?',
  ],
  [
    policy(`{ ${URL}, connect: 3s, timeouts: { idle: 3s } }`),
    'connect',
    'it belongs in the `timeouts` that is already there: timeouts: { connect: … }',
  ],
  [
    policy(`{ ${URL} }`, 'allowOrigins: [x]'),
    'allowOrigins',
    'it belongs in `cors`: cors: [{ allowOrigins: … }]',
  ],
  [policy(`{ ${URL} }`, 'methods: [GET]'), 'methods', 'it belongs in `cors`: cors: [{ allowMethods: … }]'],
  [policy(`{ ${URL} }`, 'url: http://x'), 'url', '`url` is a key of an upstream: move it there'],
  [rule(`${RULE}, websocket: true`), 'websocket', '`websocket` is a key of a route: move it there'],
  [
    policy(`{ ${URL} }`, '', 'replacePrefix: /'),
    'replacePrefix',
    'it belongs in the `routes` that is already there: routes: [{ replacePrefix: … }]',
  ],
  [policy(`{ ${URL} }`, '', 'methods: [GET]'), 'methods', 'it belongs in the `routes` that is already there'],
  // More than one map of a policy has these, or none has them under that name.
  ...['headers', 'name'].map(
    key => [policy(`{ ${URL} }`, '', `${key}: x`), key, 'the keys here are version, '] as const,
  ),
  [
    policy(`{ ${URL}, origin: https://a.example }`),
    'origin',
    '`origin` is a key of an origin that is a map: move it there',
  ],
  [rule(`${RULE}, quux: 1`), 'quux', 'the keys here are allowOrigins, allowMethods, '],
  // Values where a map or a list belongs
  [policy('http://127.0.0.1:3000'), 'http', 'write { url: http://127.0.0.1:3000 }'],
  [policy('3'), '3', 'write { url: … }'],
  [policy(`{ ${URL}, timeouts: 3s }`), '3s', 'write a map; its keys are connect, headers, idle, total'],
  [policy(`{ ${URL} }`, 'cors: true'), 'true', 'write a list: [{ allowOrigins: […], allowMethods: […] }]'],
  [policy(`{ ${URL} }`, 'cors: shop'), 'shop', 'write a list: [{ allowOrigins: […], allowMethods: […] }]'],
  [
    rule('allowOrigins: "https://a.example, https://b.example", allowMethods: [GET]'),
    '"https://a.example, h',
    'write it as a list: ["https://a.example", "https://b.example"]',
  ],
  [
    rule("allowOrigins: [https://a.example], allowMethods: 'GET, POST,'"),
    "'GET, POST,'",
    "write it as a list: ['GET', 'POST']",
  ],
  [rule(`${RULE}, maxAge: 2 hours`), '2 hours', 'write 30s, 10m or 2h, or a plain number of seconds'],
  [
    policy(`{ ${URL}, timeouts: { connect: soon } }`),
    'soon',
    'write 500ms, 30s, 10m or 2h, or a plain number of seconds',
  ],
]

for (const [text, at, help] of ROWS) {
  t.test(help, async t => {
    const { problems } = resolvePolicy([{ file: 'policy.yaml', text }])
    const found = problems.find(({ suggestion }) => suggestion?.startsWith(help))
    t.ok(found, 'it is said', { found: problems })
    const line = text.split('\n')[(found?.line ?? 0) - 1] ?? ''
    t.ok(line.slice((found?.column ?? 0) - 1).startsWith(at), `of ${at}`)
    const pasted = pasteAll(text, found ? [found] : [])
    if (found?.replacement !== undefined) {
      const left = resolvePolicy([{ file: 'policy.yaml', text: pasted }]).problems
      t.strictSame(
        left.filter(({ code }) => code === found.code),
        [],
        'pasted, it is mended',
      )
    }
  })
}

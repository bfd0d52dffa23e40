import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { type Daemon, skipWithout, startDaemon } from '../helpers/daemons.js'
import { freePort } from '../helpers/free-port.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { caddy, haproxy, nginx } from '../helpers/proxies.js'
import { type SeenRequest, startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'
import { envoyProgram } from './envoy.js'

const ALLOWED = 'https://www.shop.example'
const HOST = 'api.shop.example:8443'
/** Where the browser sits: on loopback, but neither the proxy's address nor the gateway's. */
const CLIENT = '127.0.0.2'
const COOKBOOK = readFileSync(resolve(import.meta.dirname, '../../docs/cookbook.md'), 'utf8')

/** A snippet of the cookbook, as it stands there. */
function snippets(language: string): string[] {
  const fences = COOKBOOK.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))
  return Array.from(fences, ([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

/** The first snippet in a language, with this gateway's ports. */
function recipe(language: string, { url, admin }: Gateway): string {
  const [text = ''] = snippets(language)
  // In one go: a port that is put in may hold the digits of another.
  return text.replaceAll(/8080|9901/g, port => new URL(port === '8080' ? url : admin).port)
}

interface Gateway {
  readonly url: string
  readonly admin: string
}

const PROXIES: readonly ((gateway: Gateway) => Daemon)[] = [
  gateway => nginx(web => recipe('nginx', gateway).replace('listen 80;', `listen 127.0.0.1:${web};`)),
  gateway => haproxy(web => recipe('haproxy', gateway).replace('bind :80', `bind 127.0.0.1:${web}`)),
  gateway =>
    caddy(web => recipe('caddyfile', gateway).replace(':80 {', `http://:${web} {\n  bind 127.0.0.1`)),
  gateway => ({
    name: 'envoy',
    program: envoyProgram(),
    package: 'python3-pip',
    args: file => [
      '--config-yaml',
      readFileSync(file, 'utf8'),
      '--log-level',
      'warn',
      '--disable-hot-restart',
      '--concurrency',
      '1',
    ],
    config: web =>
      recipe('yaml', gateway).replace(
        '{ address: 0.0.0.0, port_value: 80 }',
        `{ address: 127.0.0.1, port_value: ${web} }`,
      ),
  }),
]

const NOWHERE: Gateway = { url: 'http://127.0.0.1:8080', admin: 'http://127.0.0.1:9901' }

for (const proxy of PROXIES) {
  const { name } = proxy(NOWHERE)
  t.test(`behind ${name}`, { skip: skipWithout(proxy(NOWHERE)) }, async t => {
    const upstream = await startUpstream(t)
    const sockets = new WebSocketServer({ server: upstream.server })
    sockets.on('connection', socket => socket.on('message', data => socket.send(String(data))))
    t.teardown(() => sockets.close())
    const gateway = await startGateway(t, {
      policy: `version: 1
upstreams: { api: { url: "${upstream.url}" } }
routes:
  - id: api
    path: /**
    upstream: api
    websocket: true
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET, PUT], allowHeaders: [content-type], allowCredentials: true }]
`,
      flags: ['--audit', 'all', '--trusted-proxies', '127.0.0.1'],
    })
    const port = await startDaemon(t, proxy(gateway))
    await untilServing(port)
    upstream.seen.length = 0

    const asked = { origin: ALLOWED, 'x-forwarded-for': '192.0.2.66', 'x-forwarded-proto': 'https' }
    const got = await ask(port, { path: '/a%20b/c?d=%2F', headers: asked })
    t.equal(got.status, 200)
    t.same(linesOf(got, 'access-control-allow-origin'), [ALLOWED], 'once')
    t.match(got.headers.vary, /origin/i)
    const seen = upstream.seen[0] as SeenRequest
    t.equal(seen.url, '/a%20b/c?d=%2F', 'the path as it was')
    t.match(seen.headers, { origin: ALLOWED, 'x-forwarded-host': HOST, 'x-forwarded-proto': 'http' })
    // Some replace what the client says about itself, some put the truth behind it.
    t.match(seen.headers['x-forwarded-for'], new RegExp(`(?:^|, )${CLIENT}, 127\\.0\\.0\\.1$`))
    const record = await gateway.record(({ event, path }) => event === 'cors.allowed' && path === '/a%20b/c')
    t.match(record, { client: CLIENT, host: HOST, origin: ALLOWED })

    const own = await ask(port, { headers: { origin: `http://${HOST}` }, method: 'POST' })
    t.equal(own.status, 200, 'its own origin, by Host with its port')

    const before = upstream.seen.length
    const preflight = await ask(port, {
      method: 'OPTIONS',
      headers: {
        origin: ALLOWED,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
    t.equal(preflight.status, 204)
    t.match(preflight.headers, {
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type',
      'access-control-allow-credentials': 'true',
    })
    const denied = await ask(port, { headers: { origin: 'https://evil.example' } })
    t.equal(denied.status, 403)
    t.equal(denied.headers['access-control-allow-origin'], undefined)
    t.equal(upstream.seen.length, before, 'neither came to the upstream')

    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { origin: ALLOWED, headers: { host: HOST } })
    await once(socket, 'open')
    socket.send('there and back')
    t.equal(String((await once(socket, 'message'))[0]), 'there and back', 'a WebSocket')
    socket.close()
    await once(socket, 'close')
    const foreign = new WebSocket(`ws://127.0.0.1:${port}/live`, { origin: 'https://evil.example' })
    const [error] = await once(foreign, 'error')
    t.match(String(error), /403/)
  })
}

t.test('in front of Express', async t => {
  const port = await freePort()
  const [text = ''] = snippets('js')
  const program = text
    .replace('3000', String(port))
    .replace("'127.0.0.1')", "'127.0.0.1', () => console.log('up'))")
  const app = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'] },
  })
  t.teardown(() => app.kill())
  await once(app.stdout, 'data')
  const gateway = await startGateway(t, {
    policy: `version: 1
upstreams: { api: { url: "http://127.0.0.1:${port}" } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET] }] }]
`,
  })
  const { port: front } = new URL(gateway.url)
  const got = await ask(Number(front), {
    path: '/orders/7',
    headers: { origin: ALLOWED, 'x-forwarded-for': '192.0.2.66', 'x-forwarded-proto': 'https' },
  })
  t.same(JSON.parse(got.body), { id: '7', client: CLIENT, scheme: 'http' }, 'who asked, not what he said')
  t.same(linesOf(got, 'access-control-allow-origin'), [ALLOWED])
})

t.test('the policies on the page load, and the one it warns of does not', async t => {
  const dir = workDir(t)
  const policies = snippets('yaml').filter(text => /^version: 1$/m.test(text))
  t.ok(policies.length > 0)
  const check = async (text: string) => {
    const path = join(dir, 'policy.yaml')
    writeFileSync(path, text)
    return runCli(['check', path])
  }
  for (const text of policies) {
    const { code, stdout, stderr } = await check(text)
    t.equal(code, 0, stdout + stderr)
    const shared = await check(text.replace('*.preview.shop.example', '*.vercel.app'))
    t.equal(shared.code, 2)
    t.match(shared.stdout + shared.stderr, /public-suffix/)
  }
})

t.test('what the migration tables write into the policy loads', t => {
  const written = /`((?:allow|expose)\w+|maxAge): ([^`…]+)`/g
  const rows = COOKBOOK.slice(COOKBOOK.indexOf('## Migrating'))
    .split('\n')
    .filter(line => line.startsWith('|'))
  const fields = rows.flatMap(row => [...(row.split(/(?<!\\)\|/)[2] ?? '').matchAll(written)])
  t.ok(fields.length > 40, `${fields.length} fields`)
  for (const [, key = '', value = ''] of fields) {
    const rule = { allowOrigins: '[https://a.example]', allowMethods: '[GET]', [key]: value }
    const lines = Object.entries(rule).map(([name, text]) => `${name}: ${text}`)
    const { problems } = resolvePolicy([
      {
        file: 'policy.yaml',
        text: `version: 1
upstreams: { api: { url: "http://127.0.0.1:9" } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ ${lines.join(', ')} }] }]
`,
      },
    ])
    t.strictSame(problems, [], `${key}: ${value}`)
  }
  t.end()
})

t.test("an identity provider's form passes unread, also where the migrated routes are enforced", async t => {
  const upstream = await startUpstream(t)
  const [policy = ''] = snippets('yaml').filter(text => text.includes('onDenied: strip'))
  const gateway = await startGateway(t, {
    policy: policy
      .replace('http://orders.shop.svc:8080', upstream.url)
      .replace('mode: report', 'mode: enforce'),
  })
  const port = Number(new URL(gateway.url).port)
  const post = (path: string, origin: string) =>
    ask(port, { path, method: 'POST', headers: { origin, host: 'api.shop.example' } })
  for (const origin of ['https://idp.example', 'null']) {
    const passed = await post('/saml/acs', origin)
    t.equal(passed.status, 200)
    t.same(linesOf(passed, 'access-control-allow-origin'), [])
    t.equal((await post('/orders', origin)).status, 403)
  }
})

t.test('every recipe says whether it is run', async t => {
  const recipes = COOKBOOK.split('\n').filter(line => /^- \*\*/.test(line))
  t.ok(recipes.length >= 12, `${recipes.length} recipes`)
  for (const line of recipes) {
    const whole = COOKBOOK.slice(COOKBOOK.indexOf(line)).split(/\n(?=- \*\*|\n|#)/)[0] ?? ''
    t.match(whole, /\(run\)|not run by a test|rendered|refuses it/, line)
  }
})

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  readonly body: string
}

function ask(
  port: number,
  {
    path = '/',
    method = 'GET',
    headers = {},
  }: { path?: string; method?: string; headers?: Record<string, string> },
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, localAddress: CLIENT, agent: false as const }
    const sent = request({ ...options, headers: { host: HOST, ...headers } }, response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body,
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

function linesOf({ rawHeaders }: Got, name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name)
}

// A proxy that checks the gateway's health says 503 until it has.
async function untilServing(port: number): Promise<void> {
  const deadline = Date.now() + 20_000
  while ((await ask(port, {})).status !== 200) {
    if (Date.now() > deadline) throw new Error('the proxy does not reach the gateway')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

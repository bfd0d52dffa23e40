import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startGateway, type TestGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'

const ALLOWED = 'https://www.shop.example'
const PAGES = ['/', '/denials', '/routes', '/upstreams', '/reloads', '/try']

async function start(t: Test, flags: readonly string[]) {
  const upstream = await startUpstream(t)
  const policy = `version: 1
upstreams: { api: { url: "${upstream.url}" } }
routes:
  - id: api
    path: /**
    upstream: api
    websocket: true
    cors: [{ allowOrigins: ["${ALLOWED}"], allowMethods: [GET, PUT] }]
  - { id: trial, path: /trial, upstream: api, mode: report }
`
  return { upstream, gateway: await startGateway(t, { policy, flags }) }
}

/** The same with an audit file on a disk that is full until `mend` is called. */
async function startFull(t: Test, more: readonly string[]) {
  const file = join(workDir(t), 'audit.log')
  symlinkSync('/dev/full', file)
  const started = await start(t, ['--audit-file', file, ...more])
  const mend = () => {
    rmSync(file)
    started.gateway.child.kill('SIGUSR2')
  }
  return { ...started, mend }
}

const ask = (gateway: TestGateway, origin: string, path = '/1') =>
  send(gateway.port, { path, headers: { origin } })

async function get({ admin }: TestGateway, path: string): Promise<readonly [number, string]> {
  const answer = await fetch(`${admin}${path}`)
  return [answer.status, await answer.text()]
}

async function until<V>(read: () => Promise<V>, fits: (value: V) => boolean): Promise<V> {
  for (;;) {
    const value = await read()
    if (fits(value)) return value
  }
}

const readiness = (gateway: TestGateway, wanted: number) =>
  until(
    () => get(gateway, '/readyz'),
    ([status]) => status === wanted,
  )

for (const workers of ['1', '2']) {
  t.test(`deny: not ready while records cannot be written, ${workers} workers`, async t => {
    const flags = ['--audit-on-error', 'deny', '--workers', workers]
    const { gateway, mend } = await startFull(t, flags)
    t.same(await readiness(gateway, 503), [503, 'audit-unavailable\n'])
    for (const path of PAGES) {
      const [, text] = await get(gateway, path)
      t.match(text, />refusing requests</, path)
      t.notMatch(text, />serving</, path)
      t.match(
        text,
        /Audit records cannot be written: every request is refused with 503\.[\s\S]*ENOSPC[\s\S]*\d waiting in memory, 0 dropped/,
        path,
      )
    }
    const line = JSON.parse(
      gateway
        .stderr()
        .split('\n')
        .find(line => line.includes('audit.failing'))!,
    )
    t.match(line, {
      level: 'error',
      code: 'ENOSPC',
      onError: 'deny',
      hint: /^every request is refused with 503 and \/readyz fails, until .*: free space where the file is$/,
    })
    mend()
    t.same(await readiness(gateway, 200), [200, 'ready\n'])
    t.equal((await ask(gateway, ALLOWED)).status, 200)
    for (const path of PAGES) t.notMatch((await get(gateway, path))[1], /role="alert"/, path)
  })

  t.test(`deny: ready again by itself, when no request comes, ${workers} workers`, async t => {
    const { gateway } = await start(t, ['--audit-on-error', 'deny', '--workers', workers])
    gateway.child.stdout!.pause()
    const long = `/${'x'.repeat(3_000)}`
    for (let full = false; !full; ) {
      full = (await ask(gateway, 'https://evil.example', long)).body.includes('audit-unavailable')
    }
    t.same(await readiness(gateway, 503), [503, 'audit-unavailable\n'])
    gateway.child.stdout!.resume()
    t.same(await readiness(gateway, 200), [200, 'ready\n'])
  })
}

t.test('continue: ready and served, and every page says what is wrong', async t => {
  const { gateway } = await startFull(t, ['--audit-buffer', '1KiB'])
  for (let index = 0; index < 20; index++) await ask(gateway, `https://o${index}.example`)
  t.equal((await ask(gateway, ALLOWED)).status, 200)
  t.same(await get(gateway, '/readyz'), [200, 'ready\n'])
  for (const path of PAGES) {
    t.match(
      (await get(gateway, path))[1],
      />serving<[\s\S]*cannot be written: requests are served all the same\.[\s\S]*[1-9] waiting in memory, [1-9]\d* dropped/,
      path,
    )
  }
  t.match(gateway.stderr(), /"event":"audit.failing".*"onError":"continue","hint":"requests are served, /)
})

t.test('deny: every request is refused, recorded and counted as what it is', async t => {
  const { gateway, upstream, mend } = await startFull(t, ['--audit-on-error', 'deny'])
  const preflight = { origin: ALLOWED, 'access-control-request-method': 'PUT' }
  const answers = [
    await ask(gateway, ALLOWED),
    await ask(gateway, 'https://evil.example'),
    await ask(gateway, 'https://evil.example', '/trial'),
    await send(gateway.port, { path: '/1' }),
    await send(gateway.port, { method: 'OPTIONS', path: '/1', headers: preflight }),
  ]
  for (const { status, headers, body } of answers) {
    t.match({ status, headers }, { status: 503, headers: { 'retry-after': '5' } })
    t.match(JSON.parse(body), { reason: 'audit-unavailable', status: 503 })
  }
  t.equal(answers[0]?.headers['access-control-allow-origin'], ALLOWED, 'the page can read why')
  t.equal(answers[1]?.headers['access-control-allow-origin'], undefined)
  const socket = await rawClient(t, gateway.port)
  socket.send(
    `GET / HTTP/1.1\r\nHost: a\r\nOrigin: ${ALLOWED}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  t.equal((await socket.response()).status, 503)
  const twoHosts = await rawClient(t, gateway.port)
  twoHosts.send('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
  t.equal((await twoHosts.response()).status, 400, 'what cannot be read is still refused as that')
  await twoHosts.closed
  t.equal(upstream.seen.length, 0)

  const [, metrics] = await get(gateway, '/metrics')
  const refused = [...metrics.matchAll(/^crossgate_decisions_total\{.*reason="audit-unavailable"\} (\d+)$/gm)]
  t.equal(
    refused.reduce((sum, [, count]) => sum + Number(count), 0),
    6,
  )
  t.notMatch(metrics, /crossgate_decisions_total\{.*outcome="(allowed|reported)"/)
  const [, overview] = await get(gateway, '/')
  t.match(overview, /<b>7<\/b><span>denied[\s\S]*<b>0<\/b><span>allowed/)
  t.match(overview, /they cannot be recorded/)
  mend()
  await readiness(gateway, 200)
})

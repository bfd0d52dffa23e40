import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectPlain, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { closed } from '../helpers/closed.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'

const fixture = (name: string): string => resolve(import.meta.dirname, '../fixtures/tls', name)

const policy = (upstream: string): string => `version: 1
upstreams: { api: { url: "${upstream}" } }
routes: [{ id: api, path: /**, upstream: api }]
`

async function startTls(t: Test, flags: readonly string[] = []) {
  const dir = workDir(t)
  const [cert, key] = [join(dir, 'tls.crt'), join(dir, 'tls.key')]
  copyFileSync(fixture('server.pem'), cert)
  copyFileSync(fixture('server-key.pem'), key)
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: policy(upstream.url),
    flags: ['--tls-cert', cert, '--tls-key', key, '--audit', 'all', ...flags],
  })
  return { gateway, upstream, cert, key }
}

t.test('the listener speaks https, and says so upstream', async t => {
  const { gateway, upstream } = await startTls(t)
  t.match(gateway.url, /^https:/)
  const answer = await get(gateway.port, { origin: `https://localhost:${gateway.port}` })
  t.equal(answer.status, 200, 'its own origin is https')
  t.equal(upstream.seen[0]?.headers['x-forwarded-proto'], 'https')
  t.equal(
    (await get(gateway.port, { origin: `http://localhost:${gateway.port}` })).status,
    403,
    'http is another',
  )
  await t.rejects(
    get(gateway.port, {}, { maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    'nothing below TLS 1.2',
  )
  t.equal((await protocols(gateway.port)).alpn, 'http/1.1', 'no HTTP/2')
})

t.test('a new pair is used without a restart; a bad one is not', async t => {
  const { gateway, cert, key } = await startTls(t)
  const before = (await protocols(gateway.port)).certificate.fingerprint256
  const old = openKeepAlive(gateway.port)
  t.equal((await old.get()).status, 200)

  writeFileSync(cert, readFileSync(fixture('self-signed.pem')))
  t.equal((await protocols(gateway.port)).certificate.fingerprint256, before, 'half a change is none')
  await gateway.logged(/tls\.rejected.*"hint":"the pair loaded before stays in use"/)
  t.equal((await protocols(gateway.port)).certificate.fingerprint256, before, 'the old pair serves')

  writeFileSync(key, readFileSync(fixture('self-signed-key.pem')))
  await gateway.logged(/tls\.reloaded/)
  t.not((await protocols(gateway.port)).certificate.fingerprint256, before, 'the new pair serves')
  t.equal((await old.get()).status, 200, 'and a connection of before goes on')
  old.close()
})

t.test('a pair that cannot be used opens no port', async t => {
  const dir = workDir(t)
  writeFileSync(join(dir, 'policy.yaml'), policy('http://127.0.0.1:9'))
  const encrypted = join(dir, 'encrypted.pem')
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const
  writeFileSync(encrypted, privateKey.export(pem))
  const start = (...flags: string[]) =>
    runCli(['serve', '--policy', join(dir, 'policy.yaml'), '--listen', '127.0.0.1:0', ...flags])
  for (const [what, flags, message] of [
    ['a certificate alone', ['--tls-cert', fixture('server.pem')], /--tls-cert needs --tls-key/],
    ['a key alone', ['--tls-key', fixture('server-key.pem')], /--tls-key needs --tls-cert/],
    [
      'no file',
      ['--tls-cert', '/nowhere', '--tls-key', fixture('server-key.pem')],
      /cannot read \/nowhere: there is no such file or directory/,
    ],
    [
      'two that do not fit',
      ['--tls-cert', fixture('server.pem'), '--tls-key', fixture('expired-key.pem')],
      /expired-key.pem is not the key of .*server.pem/,
    ],
    [
      'a certificate that is none',
      ['--tls-cert', fixture('server-key.pem'), '--tls-key', fixture('server-key.pem')],
      /--tls-cert: .*server-key.pem holds no PEM certificate/,
    ],
    [
      'a key that is none',
      ['--tls-cert', fixture('server.pem'), '--tls-key', fixture('server.pem')],
      /--tls-key: .*server.pem holds no PEM private key/,
    ],
    [
      'a key with a passphrase',
      ['--tls-cert', fixture('server.pem'), '--tls-key', encrypted],
      /--tls-key: .*encrypted.pem is encrypted; write the key without a passphrase/,
    ],
  ] as const) {
    const { code, stderr } = await start(...flags)
    t.equal(code, 2, what)
    t.match(stderr, message, what)
  }
})

t.test(
  "an upstream's TLS files that cannot be used open no port, and later leave the last good policy",
  async t => {
    const dir = workDir(t)
    const ca = join(dir, 'ca.pem')
    const withCa = policy('https://127.0.0.1:9').replace('9" }', `9", tls: { ca: "${ca}" } }`)
    writeFileSync(join(dir, 'policy.yaml'), withCa)
    const refused = /policy.yaml:2:\d+: error tls-(unreadable|unusable)/
    t.match(await runCli(['check', join(dir, 'policy.yaml')]), {
      code: 0,
      stdout: /2:\d+: info tls-unreadable/,
    })
    t.match(await runCli(['serve', '--policy', join(dir, 'policy.yaml')]), { code: 2, stderr: refused })
    writeFileSync(ca, 'garbage')
    t.match(await runCli(['check', join(dir, 'policy.yaml')]), { code: 2, stdout: refused })
    t.match(await runCli(['serve', '--policy', join(dir, 'policy.yaml')]), { code: 2, stderr: refused })

    copyFileSync(fixture('ca.pem'), ca)
    const gateway = await startGateway(t, { policy: withCa })
    const revision = gateway.records.find(({ event }) => event === 'policy.loaded')?.['policyRevision']
    writeFileSync(ca, 'garbage')
    t.match(await gateway.record(({ event }) => event === 'policy.rejected'), {
      policyRevision: revision,
      problems: [/policy.yaml:2:\d+: tls-unusable .*holds no PEM certificate/],
    })
    const loaded = gateway.record(record => record.event === 'policy.loaded' && record['trigger'] !== 'start')
    copyFileSync(fixture('self-signed.pem'), ca)
    t.match(await loaded, { policyRevision: revision }, 'a good one is taken again')
  },
)

t.test("an upstream's TLS files lie beside the policy, wherever the command runs", async t => {
  const gateway = await startGateway(t, { policy: policy('http://127.0.0.1:9') })
  copyFileSync(fixture('ca.pem'), join(gateway.dir, 'ca.pem'))
  const withCa = policy('https://127.0.0.1:9').replace('9" }', '9", tls: { ca: ca.pem } }')
  const loaded = gateway.record(({ event, trigger }) => event === 'policy.loaded' && trigger !== 'start')
  writeFileSync(join(gateway.dir, 'policy.yaml'), withCa)
  await loaded
  t.match(await runCli(['check', 'policy.yaml'], {}, '', gateway.dir), { code: 0, stdout: /^(?!.*tls-)/s })
  const rejected = gateway.record(({ event }) => event === 'policy.rejected')
  writeFileSync(join(gateway.dir, 'ca.pem'), 'garbage')
  t.match(await rejected, { problems: [/tls-unusable .*ca.pem holds no PEM/] }, 'it is watched')
})

function get(port: number, headers: Record<string, string>, tls = {}): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        headers: { host: `localhost:${port}`, ...headers },
        rejectUnauthorized: false,
        agent: false,
        ...tls,
      },
      response => {
        response.resume()
        response.once('end', () => resolve({ status: response.statusCode ?? 0 }))
      },
    )
    sent.once('error', reject)
    sent.end()
  })
}

function openKeepAlive(port: number) {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  return {
    close: () => socket.destroy(),
    get: () =>
      new Promise<{ status: number }>(resolve => {
        socket.once('data', data => resolve({ status: Number(String(data).split(' ')[1]) }))
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      }),
  }
}

function protocols(port: number): Promise<{ alpn: string | false | null; certificate: PeerCertificate }> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] },
      () => {
        resolve({ alpn: socket.alpnProtocol, certificate: socket.getPeerCertificate() })
        socket.destroy()
      },
    )
    socket.once('error', reject)
  })
}

for (const [method, hint] of [
  ['GET', 'plain HTTP on the TLS port'],
  ['DELETE', 'no TLS, perhaps plain HTTP, on the TLS port'],
] as const) {
  t.test(`whoever speaks no TLS is recorded, with what it was, and sent away: ${method}`, async t => {
    const { gateway } = await startTls(t)
    const socket = connectPlain(gateway.port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    socket.write(`${method} / HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await closed(socket)
    const record = await gateway.record(({ reason }) => reason === 'request-malformed')
    t.match(record, { event: 'cors.denied', client: '127.0.0.1', status: 400, hint })
    t.notMatch(gateway.stderr(), /request\.failed/)
  })
}

t.test('a handshake that does not end has the time of a head, and is recorded', async t => {
  const { gateway } = await startTls(t, ['--headers-timeout', '2s', '--max-connections', '3'])
  const started = performance.now()
  const stalled = await Promise.all([stall(t, gateway.port), stall(t, gateway.port, HELLO)])
  const trickling = await stall(t, gateway.port, HELLO)
  const trickle = setInterval(() => trickling.write('\0'), 200)
  t.teardown(() => clearInterval(trickle))
  await t.rejects(get(gateway.port, {}), 'they count as connections')
  await Promise.all([...stalled, trickling].map(closed))
  t.ok(performance.now() - started < 10_000, 'in time')
  await gateway.record(
    () => gateway.records.filter(({ reason }) => reason === 'request-timeout').length === 3,
  )
  t.match(await gateway.record(({ reason }) => reason === 'request-timeout'), {
    event: 'cors.denied',
    client: '127.0.0.1',
    status: 408,
  })
  t.equal((await get(gateway.port, {})).status, 200)
})

for (const workers of ['1', '2'])
  t.test(`nor does it hold a drain, workers ${workers}`, async t => {
    const flags = ['--headers-timeout', '60s', '--drain-timeout', '1s', '--audit-window', '60s']
    const { gateway } = await startTls(t, [...flags, '--workers', workers])
    await Promise.all([stall(t, gateway.port), stall(t, gateway.port, HELLO)])
    for (const n of [1, 2])
      t.equal((await get(gateway.port, { origin: 'https://evil.example' })).status, 403, `denial ${n}`)
    const started = performance.now()
    t.equal(await gateway.stop(), 0)
    t.ok(performance.now() - started < 10_000, 'by the deadline')
    t.equal(gateway.allRecords.at(-1)?.event, 'audit.closed')
  })

// The beginning of a ClientHello of 512 bytes.
const HELLO = Buffer.from('1603010200010001fc0303', 'hex')

async function stall(t: Test, port: number, first = Buffer.alloc(0)): Promise<Socket> {
  const socket = connectPlain(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write(first)
  return socket
}

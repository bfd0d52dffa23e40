import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Pool } from 'undici'
import { assertAuditRecord } from '../helpers/audit-schema.js'
import { flood, SOAK } from '../helpers/flood.js'
import { type AuditRecord, MAIN, startGateway, type TestGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'

const ALLOWED = 'https://www.shop.example'
const policy = (upstream = 'http://127.0.0.1:1'): string => `version: 1
upstreams:
  api: { url: ${upstream} }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors:
      - allowOrigins: [${ALLOWED}]
        allowMethods: [GET, POST]
`
const UNBOUNDED = ['--max-requests-per-socket', '100000000']

const ask = (origin: string, id = ''): string =>
  `GET /orders/1 HTTP/1.1\r\nHost: api.example\r\nOrigin: ${origin}\r\nX-Request-Id: ${id || 'r'}\r\n\r\n`

function workDir(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-audit-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function linesOf(path: string): AuditRecord[] {
  const text = readFileSync(path, 'utf8')
  const records = text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as AuditRecord)
  for (const record of records) assertAuditRecord(record)
  return records
}

const denials = (records: readonly AuditRecord[]) =>
  records
    .filter(({ event }) => event === 'cors.denied')
    .reduce((sum, { count = 1 }) => sum + (count as number), 0)

async function metrics(gateway: Pick<TestGateway, 'admin'>): Promise<Map<string, number>> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text()
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

t.test('A1: SIGKILL at random: every response received has its record', async t => {
  const dir = workDir(t)
  writeFileSync(join(dir, 'policy.yaml'), policy())
  const kills = SOAK ? 50 : 6
  let answered = 0
  for (let round = 0; round < kills; round++) {
    const file = join(dir, `audit-${round}.log`)
    const flags = ['--policy', join(dir, 'policy.yaml'), '--listen', '127.0.0.1:0', '--admin', 'off']
    const child = spawn(process.execPath, [
      MAIN,
      'serve',
      ...flags,
      '--audit-window',
      '0',
      '--audit-file',
      file,
    ])
    const port = await new Promise<number>(resolve => {
      let seen = ''
      child.stderr.on('data', chunk => {
        seen += chunk
        const url = /"event":"gateway.started","url":"([^"]+)"/.exec(seen)?.[1]
        if (url !== undefined) resolve(Number(new URL(url).port))
      })
    })
    const ids = new Set<string>()
    const client = async (name: number): Promise<void> => {
      for (let index = 0; ; index++) {
        const id = `${name}-${index}`
        const headers = { origin: 'https://evil.example', 'x-request-id': id }
        const answer = await send(port, { path: '/orders/1', headers }).catch(() => undefined)
        if (answer === undefined || answer.cut) return
        ids.add(id)
      }
    }
    const clients = [1, 2, 3, 4].map(client)
    await sleep(20 + Math.random() * 200)
    child.kill('SIGKILL')
    await Promise.all([...clients, once(child, 'close')])
    const text = readFileSync(file, 'utf8')
    const recorded = new Set(Array.from(text.matchAll(/"requestId":"([^"]+)"/g), ([, id]) => id))
    const missing = [...ids].filter(id => !recorded.has(id))
    t.same(missing, [], `${ids.size} answered`)
    answered += ids.size
  }
  t.ok(answered > kills * 5, `${answered} answers in ${kills} kills`)
})

t.test('A2: nothing a client sends forges a line', async t => {
  const gateway = await startGateway(t, { policy: policy(), flags: ['--audit', 'all'] })
  const nasties = [
    'https://a.example","outcome":"allowed',
    'https://a\u2028b.example',
    '\u202ehttps://a.example',
    '\u001b[31mhttps://a.example',
    'https://a\xff\xfe.example',
    'https://a.example\\r\\n{"event":"cors.allowed"}',
    `https://${'a'.repeat(8_000)}.example`,
  ]
  let sent = 0
  for (const nasty of nasties) {
    const bytes = Buffer.from(nasty).toString('latin1')
    const token = bytes.replace(/[^\x21-\x7e]|[\s#]/g, '%0a').slice(0, 7_000)
    const heads = [
      `GET /orders/1 HTTP/1.1\r\nHost: a\r\nOrigin: ${bytes}\r\n\r\n`,
      `GET /orders/${token} HTTP/1.1\r\nHost: a\r\nOrigin: https://x.example\r\n\r\n`,
      `GET /orders/1 HTTP/1.1\r\nHost: a\r\nOrigin: https://x.example\r\nX-Request-Id: ${bytes}\r\nTraceparent: ${bytes}\r\nX-Forwarded-For: ${bytes}\r\n\r\n`,
      `OPTIONS /orders/1 HTTP/1.1\r\nHost: a\r\nOrigin: https://x.example\r\nAccess-Control-Request-Method: ${bytes}\r\nAccess-Control-Request-Headers: ${bytes}\r\n\r\n`,
    ]
    for (const head of heads) {
      const client = await rawClient(t, gateway.port)
      client.send(Buffer.from(head, 'latin1'))
      const { status } = await client.response()
      // What Node's parser refuses never becomes a request.
      if (status !== 400 || gateway.records.length > 0) sent++
      client.socket.destroy()
    }
  }
  await gateway.stop()
  t.ok(sent >= 20, `${sent} requests`)
  for (const record of gateway.allRecords) {
    const line = JSON.stringify(record)
    t.match(line, /^[\x20-\x7e]*$/, 'printable')
    t.ok(line.length < 4_000, 'capped')
  }
  t.equal(gateway.allRecords.filter(({ event }) => event === 'cors.allowed').length, 0, 'no forged verdict')
})

t.test('A3: a full disk: serving goes on, bounded and counted, and it recovers', async t => {
  const dir = workDir(t)
  const file = join(dir, 'audit.log')
  symlinkSync('/dev/full', file)
  const gateway = await startGateway(t, {
    policy: policy(),
    flags: ['--audit-file', file, '--audit-buffer', '64KiB', ...UNBOUNDED],
  })
  const statuses = await flood({
    port: gateway.port,
    requests: 2_000,
    request: index => ask(`https://o${index}.example`),
  })
  t.same([...statuses], [['403', 2_000]])
  const during = await metrics(gateway)
  t.equal(during.get('crossgate_audit_failing'), 1)
  t.ok(during.get('crossgate_audit_backlog_bytes')! <= 65_536)
  const dropped = during.get('crossgate_audit_records_total{result="dropped"}')!
  t.ok(dropped > 1_000, `${dropped} dropped`)
  rmSync(file)
  gateway.child.kill('SIGUSR2')
  while (!gateway.stderr().includes('audit.reopened')) await sleep(10)
  await send(gateway.port, { path: '/orders/1', headers: { origin: 'https://after.example' } })
  t.equal(await gateway.stop(), 0)
  const records = linesOf(file)
  t.equal(records.find(({ event }) => event === 'audit.dropped')?.count, dropped)
  t.match(
    records.at(-1),
    { event: 'audit.closed', seq: records.length + dropped },
    'the gap is what was dropped',
  )
  t.match(gateway.stderr(), /"event":"audit.failing","code":"ENOSPC"/)
})

t.test('A3: a full disk, the other mode: nothing is served unrecorded', async t => {
  const upstream = await startUpstream(t)
  const dir = workDir(t)
  const file = join(dir, 'audit.log')
  symlinkSync('/dev/full', file)
  const flags = ['--audit-file', file, '--audit-on-error', 'deny']
  const gateway = await startGateway(t, { policy: policy(upstream.url), flags })
  const answer = await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } })
  t.equal(answer.status, 503)
  t.equal(answer.headers['access-control-allow-origin'], ALLOWED, 'the page can read why')
  t.match(answer.body, /audit-unavailable/)
  t.equal(upstream.seen.length, 0)
  rmSync(file)
  gateway.child.kill('SIGUSR2')
  while (!gateway.stderr().includes('audit.reopened')) await sleep(10)
  t.equal(
    (await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } })).status,
    200,
    'recovered',
  )
})

t.test('A3: a stalled reader of stdout: memory bounded, requests answered, and it recovers', async t => {
  const gateway = await startGateway(t, {
    policy: policy(),
    flags: ['--audit-buffer', '128KiB', ...UNBOUNDED],
  })
  gateway.child.stdout!.pause()
  const before = (await metrics(gateway)).get('process_resident_memory_bytes')!
  const total = 20_000
  const statuses = await flood({
    port: gateway.port,
    requests: total,
    request: index => ask(`https://o${index}.example`),
  })
  t.same([...statuses], [['403', total]])
  const during = await metrics(gateway)
  t.equal(during.get('crossgate_audit_failing'), 1)
  t.ok(during.get('crossgate_audit_backlog_bytes')! <= 131_072)
  t.ok(during.get('process_resident_memory_bytes')! - before < 150e6)
  const dropped = during.get('crossgate_audit_records_total{result="dropped"}')!
  gateway.child.stdout!.resume()
  const note = await gateway.record(({ event }) => event === 'audit.dropped')
  t.equal(note.count, dropped)
  await send(gateway.port, { path: '/orders/1', headers: { origin: 'https://after.example' } })
  await gateway.stop()
  t.equal(denials(gateway.allRecords) + dropped, total + 1, 'what is missing is exactly what was counted')
})

t.test('A4: rotation under load: no line lost or split', async t => {
  const dir = workDir(t)
  const file = join(dir, 'audit.log')
  const gateway = await startGateway(t, { policy: policy(), flags: ['--audit-file', file, ...UNBOUNDED] })
  let running = true
  const load = (async () => {
    let sent = 0
    while (running) {
      await flood({
        port: gateway.port,
        requests: 200,
        request: () => ask('https://evil.example'),
        connections: 2,
      })
      sent += 200
    }
    return sent
  })()
  const rotations = SOAK ? 60 : 12
  for (let index = 0; index < rotations; index++) {
    await sleep(SOAK ? 1_000 : 60)
    renameSync(file, `${file}.${String(index).padStart(3, '0')}`)
    const before = gateway.stderr().split('audit.reopened').length
    gateway.child.kill('SIGUSR2')
    while (gateway.stderr().split('audit.reopened').length === before) await sleep(5)
  }
  running = false
  const sent = await load
  await gateway.stop()
  const records = readdirSync(dir).flatMap(name => linesOf(join(dir, name)))
  t.equal(denials(records), sent)
  t.same(
    records.map(({ seq }) => seq).sort((a, b) => (a as number) - (b as number)),
    records.map((_, index) => index + 1),
    'every sequence number once',
  )
})

t.test('A5: secrets are in no log at any level', async t => {
  const upstream = await startUpstream(t, (_, response) => {
    response.setHeader('Set-Cookie', 'session=SECRET-FROM-UPSTREAM')
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('ok')
  })
  const flags = ['--audit', 'all', '--log-level', 'debug']
  const gateway = await startGateway(t, { policy: policy(upstream.url), flags })
  const headers = {
    authorization: 'Bearer SECRET-TOKEN',
    'proxy-authorization': 'Basic SECRET-PROXY',
    cookie: 'sid=SECRET-COOKIE',
    'x-api-key': 'SECRET-KEY',
  }
  for (const origin of [ALLOWED, 'https://evil.example', 'null']) {
    for (const path of [
      '/orders/1?token=SECRET-QUERY',
      '/nowhere?token=SECRET-QUERY',
      '/orders/..%2f?SECRET-QUERY',
    ]) {
      await send(gateway.port, { path, headers: { ...headers, origin } })
    }
  }
  upstream.server.closeAllConnections()
  upstream.server.close()
  await send(gateway.port, { path: '/orders/1?token=SECRET-QUERY', headers: { ...headers, origin: ALLOWED } })
  writeFileSync(join(gateway.dir, 'policy.yaml'), 'version: 9')
  gateway.child.kill('SIGHUP')
  await gateway.record(({ event }) => event === 'policy.rejected')
  const state = await (await fetch(`${gateway.admin}/denials`)).text()
  await gateway.stop()
  const everything = JSON.stringify(gateway.allRecords) + gateway.stderr() + state
  t.notMatch(everything, /SECRET/)
  t.ok(gateway.records.length >= 10)
})

t.test(
  'L4: a flood of denials: log and memory bounded, the counts add up, honest traffic goes on',
  async t => {
    const upstream = await startUpstream(t)
    const dir = workDir(t)
    const file = join(dir, 'audit.log')
    const [total, origins] = SOAK ? [1_000_000, 100_000] : [60_000, 20_000]
    const keys = SOAK ? 10_000 : 1_000
    const flags = ['--audit-file', file, '--audit-window', SOAK ? '10s' : '2s', '--audit-keys', String(keys)]
    const gateway = await startGateway(t, { policy: policy(upstream.url), flags: [...flags, ...UNBOUNDED] })
    const pool = new Pool(gateway.url, { connections: 1 })
    t.teardown(() => pool.destroy())
    const honest = async (): Promise<number> => {
      const started = performance.now()
      const { statusCode, body } = await pool.request({
        path: '/orders/1',
        method: 'GET',
        headers: { origin: ALLOWED },
      })
      await body.dump()
      t.equal(statusCode, 200)
      return performance.now() - started
    }
    for (let index = 0; index < 20; index++) await honest()
    await flood({
      port: gateway.port,
      requests: 1,
      request: () => ask('https://first.example'),
      connections: 1,
    })
    const series = (await metrics(gateway)).size

    let flooding = true
    const memory: number[] = []
    const watch = (async () => {
      const latencies: number[] = []
      while (flooding) {
        latencies.push(await honest())
        memory.push((await metrics(gateway)).get('process_resident_memory_bytes')!)
        await sleep(100)
      }
      return latencies.sort((a, b) => a - b)
    })()
    const started = Date.now()
    const request = (index: number): string => ask(`https://o${index % origins}.example`)
    const statuses = await flood({ port: gateway.port, requests: total, request, connections: 2, batch: 25 })
    const seconds = (Date.now() - started) / 1_000
    flooding = false
    const latencies = await watch
    const after = await metrics(gateway)
    await gateway.stop()

    t.same([...statuses], [['403', total]])
    const records = linesOf(file)
    t.equal(denials(records), total + 1, 'the counts add up to the exact total')
    const windows = seconds / (SOAK ? 10 : 2) + 2
    const bound = windows * (2 * keys + 2)
    t.ok(records.length <= bound, `${records.length} lines for ${total} denials from ${origins} origins`)
    t.ok(
      records.some(({ overflow }) => overflow === true),
      'the rest is counted together',
    )
    // Those of garbage collection appear when there first is one.
    t.ok(after.size - series <= 15, `${after.size - series} more series`)
    const middle = memory[Math.floor(memory.length / 2)]!
    t.ok(
      memory.at(-1)! < middle * 1.4,
      `memory ${Math.round(middle / 1e6)} to ${Math.round(memory.at(-1)! / 1e6)} MB`,
    )
    const p99 = latencies[Math.floor(latencies.length * 0.99)] ?? 0
    t.ok(p99 < 1_000, `honest p99 ${p99.toFixed(1)} ms in ${seconds.toFixed(1)} s of flood`)
    t.comment(
      `${total} denials, ${origins} origins, ${records.length} lines, ${(readFileSync(file).length / 1e6).toFixed(1)} MB of log, ${seconds.toFixed(1)} s, honest p99 ${p99.toFixed(1)} ms, memory ${memory.map(bytes => Math.round(bytes / 1e6)).join(' ')} MB`,
    )
  },
)

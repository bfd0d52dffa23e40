import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { Pool } from 'undici'
import { assertAuditRecord } from '../helpers/audit-schema.js'
import { flood } from '../helpers/flood.js'
import { type AuditRecord, MAIN, startGateway, type TestGateway } from '../helpers/gateway.js'
import { rawClient } from '../helpers/raw-client.js'
import { send } from '../helpers/send.js'
import { spawnNode } from '../helpers/spawn-node.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'
import { promise, type Row, WHOLE } from '../torture/promise.js'
import { percentile } from '../torture/rig.js'

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

promise('A1', async (t, row) => {
  const dir = workDir(t)
  writeFileSync(join(dir, 'policy.yaml'), policy())
  const kills = WHOLE ? 50 : 6
  let answered = 0
  for (let round = 0; round < kills; round++) {
    const file = join(dir, `audit-${round}.log`)
    const flags = ['--policy', join(dir, 'policy.yaml'), '--listen', '127.0.0.1:0', '--admin', 'off']
    const child = spawnNode([MAIN, 'serve', ...flags, '--audit-window', '0', '--audit-file', file])
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
    const enough = 10 + Math.random() * 40
    while (ids.size < enough) await sleep(Math.random() * 10)
    child.kill('SIGKILL')
    await Promise.all([...clients, once(child, 'close')])
    const text = readFileSync(file, 'utf8')
    const recorded = new Set(Array.from(text.matchAll(/"requestId":"([^"]+)"/g), ([, id]) => id))
    const missing = [...ids].filter(id => !recorded.has(id))
    t.same(missing, [], `${ids.size} answered`)
    answered += ids.size
  }
  t.ok(answered >= kills * 10, `${answered} answers in ${kills} kills`)
  row.tried(answered)
  row.figure(
    `${kills} × SIGKILL at random: ${answered.toLocaleString('en')} answers received, each on record`,
  )
})

promise('A2', async (t, row) => {
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
  row.tried(sent)
  const longest = Math.max(...gateway.allRecords.map(record => JSON.stringify(record).length))
  row.figure(
    `${nasties.length} texts in 9 fields: every line parses and is printable, the longest ${longest} bytes`,
  )
})

promise('A3', async (t, row) => {
  await t.test('a full disk: serving goes on, bounded and counted, and it recovers', t => fullDisk(t, row))
  await t.test('a full disk, the other mode: nothing is served unrecorded', t => fullDiskDenies(t, row))
  await t.test('a stalled reader of stdout: memory bounded, and it recovers', t => stalledReader(t, row))
})

// The runtime's own, such as those of a kind of garbage collection, appear when there first is something to say.
function seriesOf(all: ReadonlyMap<string, number>): string[] {
  return [...all.keys()].filter(name => name.startsWith('crossgate_'))
}

async function fullDisk(t: Test, row: Row): Promise<void> {
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
  await gateway.logged(/audit\.reopened/)
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
  row.tried(2_000)
  row.figure(`full disk: 2,000 of 2,000 served, ${dropped} records dropped, and the log says so many`)
}

async function fullDiskDenies(t: Test, row: Row): Promise<void> {
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
  await gateway.logged(/audit\.reopened/)
  t.equal(
    (await send(gateway.port, { path: '/orders/1', headers: { origin: ALLOWED } })).status,
    200,
    'recovered',
  )
  row.tried(2)
  row.figure('the other mode: 503 while the disk is full, 200 after')
}

async function stalledReader(t: Test, row: Row): Promise<void> {
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
  row.tried(total)
  const grown = (during.get('process_resident_memory_bytes')! - before) / 1e6
  row.figure(
    `stalled reader: ${total} of ${total} served, ${dropped} dropped and counted, memory + ${grown.toFixed(0)} MB`,
  )
}

promise('A4', async (t, row) => {
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
  const rotations = WHOLE ? 60 : 12
  for (let index = 0; index < rotations; index++) {
    await sleep(WHOLE ? 1_000 : 60)
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
  row.tried(sent)
  row.figure(
    `${rotations} renames and SIGUSR2 under load: ${sent.toLocaleString('en')} denials in as many lines, every sequence number once`,
  )
})

promise('A5', async (t, row) => {
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
  row.tried(gateway.records.length)
  row.figure(
    'Authorization, Proxy-Authorization, Cookie, Set-Cookie, an API key and query tokens at level debug: in no record, no log line and not on the console',
  )
})

promise('L4', async (t, row) => {
  const upstream = await startUpstream(t)
  const file = join(workDir(t), 'audit.log')
  const [total, origins] = WHOLE ? [1_000_000, 100_000] : [60_000, 20_000]
  const [window, keys] = WHOLE ? [10, 10_000] : [2, 1_000]
  const flags = ['--audit-file', file, '--audit-window', `${window}s`, '--audit-keys', String(keys)]
  const gateway = await startGateway(t, { policy: policy(upstream.url), flags: [...flags, ...UNBOUNDED] })
  const started = performance.now()
  await honestFor(t, gateway, 500)
  await flood({ port: gateway.port, requests: 1, request: () => ask('https://first.example') })
  const series = seriesOf(await metrics(gateway))

  // Ten connections that each wait for their answer, as fast as they are answered; then pipelining, which is rougher.
  const slowly = await honestBeside(t, gateway, { connections: 10, depth: 1, origins })
  const rough = await honestBeside(t, gateway, { connections: 2, depth: 25, origins })
  // The short run has a few hundred samples, and whatever else runs beside it is in the worst of them.
  const bound = WHOLE ? 5 * slowly.p99Alone : 10 * Math.max(slowly.p99Alone, 5)
  t.ok(slowly.p99During < bound, said(slowly))

  let flooding = true
  const memory: number[] = []
  const watch = (async () => {
    while (flooding) {
      memory.push((await metrics(gateway)).get('process_resident_memory_bytes')!)
      await sleep(100)
    }
  })()
  const begun = performance.now()
  const request = (index: number): string => ask(`https://o${index % origins}.example`)
  const statuses = await flood({ port: gateway.port, requests: total, request, connections: 2, batch: 25 })
  const seconds = (performance.now() - begun) / 1_000
  flooding = false
  await watch
  const after = await metrics(gateway)
  await gateway.stop()

  t.same([...statuses], [['403', total]])
  const records = linesOf(file)
  const all = total + 1 + slowly.denied + rough.denied
  t.equal(denials(records), all, 'the counts add up to the exact total')
  const windows = (performance.now() - started) / 1_000 / window + 2
  t.ok(records.length <= windows * (2 * keys + 2), `${records.length} lines for ${all} denials`)
  t.ok(
    records.some(({ overflow }) => overflow === true),
    'the rest is counted together',
  )
  const more = seriesOf(after).filter(name => !series.includes(name))
  t.same(more, [], 'no origin, and no number of them, makes a series')
  const half = memory.slice(memory.length >> 1)
  t.ok(half.at(-1)! < half[0]! * 1.4, `memory ${memory.map(bytes => Math.round(bytes / 1e6)).join(' ')} MB`)
  row.tried(all)
  const megabytes = (bytes: number) => Math.round(bytes / 1e6)
  row.figure(
    `${total.toLocaleString('en')} denials from ${origins.toLocaleString('en')} origins in ${seconds.toFixed(0)} s; with those below, ` +
      `${records.length.toLocaleString('en')} lines (${(statSync(file).size / 1e6).toFixed(1)} MB) whose counts add up to exactly ${all.toLocaleString('en')}; ` +
      `memory ${megabytes(memory[0]!)} MB at first, ${megabytes(half[0]!)} half-way, ${megabytes(half.at(-1)!)} at the end, ${megabytes(Math.max(...memory))} at most; ${more.length} more series`,
  )
  row.figure(`honest p99 beside a flood on 10 connections, ${said(slowly)}`)
  row.figure(`beside one that pipelines 25 on 2 connections, ${said(rough)}`)
})

interface Beside {
  /** Milliseconds. */
  readonly p99Alone: number
  readonly p99During: number
  readonly denied: number
  /** Denials per second of flood. */
  readonly rate: number
  /** Honest requests that were timed. */
  readonly honest: number
}

function said({ p99Alone, p99During, rate, honest }: Beside): string {
  return `${Math.round(rate)} denials/s: ${p99Alone.toFixed(1)} ms without, ${p99During.toFixed(1)} ms during (${(p99During / p99Alone).toFixed(1)} times, of ${honest} requests)`
}

/** Times honest requests with and without a flood from another process, in turns, so that what else the machine does is in both. */
async function honestBeside(
  t: Test,
  gateway: TestGateway,
  { connections, depth, origins }: { connections: number; depth: number; origins: number },
): Promise<Beside> {
  const args = [gateway.port, connections, depth, origins].map(String)
  const attacker = fork(join(import.meta.dirname, '../helpers/denial-flood.mjs'), args, {
    execArgv: [],
    env: {},
  })
  t.teardown(() => attacker.kill())
  const [rounds, milliseconds] = WHOLE ? [10, 5_000] : [3, 400]
  const [alone, during]: number[][] = [[], []]
  let seconds = 0
  let count = { denied: 0, other: 0 }
  for (let round = 0; round < rounds; round++) {
    alone!.push(...(await honestFor(t, gateway, milliseconds)))
    const begun = performance.now()
    attacker.send('start')
    during!.push(...(await honestFor(t, gateway, milliseconds)))
    attacker.send('stop')
    ;[count] = (await once(attacker, 'message')) as [typeof count]
    seconds += (performance.now() - begun) / 1_000
  }
  attacker.disconnect()
  t.equal(count.other, 0, 'all denied')
  return {
    p99Alone: percentile(alone!, 0.99),
    p99During: percentile(during!, 0.99),
    denied: count.denied,
    rate: count.denied / seconds,
    honest: during!.length,
  }
}

/** An allowed request. @returns milliseconds until its whole answer */
async function honestly(t: Test, pool: Pool): Promise<number> {
  const started = performance.now()
  const { statusCode, body } = await pool.request({
    path: '/orders/1',
    method: 'GET',
    headers: { origin: ALLOWED },
  })
  await body.dump()
  if (statusCode !== 200) t.fail(`an honest request got ${statusCode}`)
  return performance.now() - started
}

/** Four clients, each asking anew a moment after its answer. @returns milliseconds of each request */
async function honestFor(t: Test, gateway: TestGateway, milliseconds: number): Promise<number[]> {
  const times: number[] = []
  const until = performance.now() + milliseconds
  const pool = new Pool(gateway.url, { connections: 4 })
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      while (performance.now() < until) {
        times.push(await honestly(t, pool))
        await sleep(2)
      }
    }),
  )
  await pool.close()
  return times
}

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Pool } from 'undici'
import { runCli, startGateway, type TestGateway } from '../helpers/gateway.js'
import { overlappingRoutes } from '../helpers/overlapping-routes.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'
import { promise, type Row, WHOLE } from '../torture/promise.js'

const A = 'https://a.example'
const B = 'https://b.example'

function policy(upstream: string, origin: string, more = ''): string {
  return `version: 1
upstreams:
  api: { url: ${upstream} }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors:
      - allowOrigins: [${origin}]
        allowMethods: [GET]
${more}`
}

/** Replaces a file as careful programs do: never partly there. */
function rename(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

/** Asks until `origin` is allowed. @returns milliseconds */
async function untilAllowed(gateway: TestGateway, origin: string, patience = 5_000): Promise<number> {
  const started = Date.now()
  while (Date.now() - started < patience) {
    const { status } = await send(gateway.port, { path: '/orders/1', headers: { origin } })
    if (status === 200) return Date.now() - started
    await sleep(10)
  }
  return Number.POSITIVE_INFINITY
}

async function metric(gateway: TestGateway, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.admin}/metrics`)).text()
  const line = text.split('\n').find(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return Number(line?.split(' ').at(-1))
}

function loads(gateway: TestGateway): number {
  return gateway.records.filter(({ event }) => event === 'policy.loaded').length
}

async function reloaded(gateway: TestGateway, change: () => void): Promise<void> {
  const before = loads(gateway)
  change()
  gateway.child.kill('SIGHUP')
  await gateway.record(() => loads(gateway) > before)
}

promise('P1', async (t, row) => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: policy(upstream.url, A),
    flags: ['--audit', 'all', '--policy-poll', '1h', '--max-requests-per-socket', '1000000'],
  })
  const path = join(gateway.dir, 'policy.yaml')
  const pool = new Pool(gateway.url, { connections: 8 })
  t.teardown(() => pool.destroy())
  const answers = new Map<string, { status: number; allowed: string | undefined }>()
  let flipping = true
  const load = Array.from({ length: 8 }, async (_, client) => {
    for (let index = 0; flipping; index++) {
      const id = `${client}-${index}`
      const { statusCode, headers, body } = await pool.request({
        path: '/orders/1',
        method: 'GET',
        headers: { origin: A, 'x-request-id': id },
      })
      await body.dump()
      answers.set(id, {
        status: statusCode,
        allowed: headers['access-control-allow-origin'] as string | undefined,
      })
    }
  })
  const flips = WHOLE ? 1_000 : 60
  for (let index = 0; index < flips; index++) {
    await reloaded(gateway, () => rename(path, policy(upstream.url, index % 2 === 0 ? B : A)))
  }
  flipping = false
  await Promise.all(load)
  await gateway.stop()

  const loaded = gateway.records.filter(({ event }) => event === 'policy.loaded')
  t.equal(loaded.length, flips + 1)
  const allows = loaded[0]!.policyRevision
  const decisions = gateway.records.filter(({ event }) => event.startsWith('cors.'))
  t.equal(decisions.length, answers.size, 'one record for each answer')
  const seen = new Set<unknown>()
  const wrong = decisions.filter(record => {
    const { status, allowed } = answers.get(record.requestId as string)!
    const expected = record.policyRevision === allows
    seen.add(record.policyRevision)
    return expected ? status !== 200 || allowed !== A : status !== 403 || allowed !== undefined
  })
  t.equal(wrong.length, 0, `of ${answers.size} responses under ${flips} reloads`)
  t.equal(seen.size, 2, 'both revisions served')
  t.match(loaded[1], {
    changes: ['1 origin gained on route orders', '1 origin lost on route orders'],
    trigger: 'sighup',
  })
  row.tried(answers.size)
  row.figure(
    `${flips.toLocaleString('en')} flips under load: ${answers.size.toLocaleString('en')} responses, each of the one revision that its record names`,
  )
})

const BAD: readonly string[] = [
  '',
  '\n',
  '# only a comment\n',
  'version: 1',
  'version: 2\nupstreams: {}\nroutes: []',
  '[',
  '{',
  '- a\n- b',
  'just text',
  '\u0000',
  'version: 1\nversion: 1',
  '%YAML 9.9\n---\nversion: 1',
  '--- a\n--- b',
  '&a [*a]',
  `a: ${'['.repeat(3_000)}`,
  'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]',
  '!!js/function "x"',
  '<<: {version: 1}',
  'version: 1\n\tupstreams: {}',
  'null',
  '42',
  ...[
    'orgins: {}',
    'origins: { s: [https://a.example/] }',
    'origins: { s: [https://A.example] }',
    'origins: { s: ["https://*.com"] }',
    'origins: { s: [https://a.example:443] }',
    'origins: { s: [https://u@a.example] }',
    'origins: { s: ["https://a.example", 7] }',
    'publicOrigins: [https://a.example/x]',
    'defaults: { mode: sometimes }',
  ].map(line => `${policy('http://127.0.0.1:1', A)}${line}\n`),
  ...[
    '"*", https://b.example',
    'storefront',
    'null',
    'https://a.example/path',
    '"https://a*.example"',
    'https://münchen.example',
    '',
  ].map(origin => policy('http://127.0.0.1:1', origin)),
  policy('ftp://x', A),
  policy('http://127.0.0.1:1/#f', A),
  policy('http://127.0.0.1:1', A).replace('allowMethods: [GET]', 'allowMethods: [CONNECT]'),
  policy('http://127.0.0.1:1', A).replace('upstream: api\n', 'upstream: other\n'),
]

promise('P2', async (t, row) => {
  await t.test('hot: the last good policy stays, loudly, and a good one recovers', t => badFileHot(t, row))
  await t.test('cold: exit 2, and no port is opened', t => badFileCold(t, row))
})

async function badFileHot(t: Test, row: Row): Promise<void> {
  t.ok(BAD.length >= 40, `${BAD.length} kinds`)
  const upstream = await startUpstream(t)
  const good = policy(upstream.url, A)
  const gateway = await startGateway(t, { policy: good, flags: ['--policy-poll', '1h'] })
  const path = join(gateway.dir, 'policy.yaml')
  const rejections = () => gateway.records.filter(({ event }) => event === 'policy.rejected')
  const reject = async (change: () => void, what: string): Promise<void> => {
    const before = rejections().length
    change()
    gateway.child.kill('SIGHUP')
    await gateway.record(() => rejections().length > before)
    t.equal((await send(gateway.port, { path: '/orders/1', headers: { origin: A } })).status, 200, what)
  }
  for (const text of BAD) await reject(() => rename(path, text), JSON.stringify(text.slice(0, 40)))
  t.equal(await metric(gateway, 'crossgate_policy_reload_last_success'), 0)
  t.equal((await fetch(`${gateway.admin}/readyz`)).status, 200, 'ready all the same')
  const state = (await (await fetch(`${gateway.admin}/policy`)).json()) as Record<string, never>
  t.match(state, { generation: 1, lastError: { event: 'policy.rejected', error: String } })
  t.ok(await gateway.logged(/"event":"policy.rejected"/), 'the log says so')
  const page = await (await fetch(`${gateway.admin}/`)).text()
  t.match(page, /The policy on disk is refused/)

  await reject(() => rename(path, good.replace('allowMethods', 'allowMethod')), 'a key misspelt')
  const help = /unknown-key `allowMethod` is not a key of a rule; help: did you mean `allowMethods`\?/
  t.match(rejections().at(-1), { problems: [help] })
  await gateway.logged(help)

  await reject(() => rmSync(path), 'file removed')
  await reject(() => mkdirSync(path), 'a directory without policy')
  rmSync(path, { recursive: true })
  await reloaded(gateway, () => rename(path, policy(upstream.url, B)))
  t.ok((await untilAllowed(gateway, B)) < 2_000, 'recovered')
  t.equal(await metric(gateway, 'crossgate_policy_reload_last_success'), 1)
  t.match(await (await fetch(`${gateway.admin}/policy`)).json(), { generation: 2, lastError: undefined })
  row.tried(BAD.length + 2)
  row.figure(`hot: ${BAD.length + 2} kinds, the last good policy served through all, a good one recovered`)
}

async function badFileCold(t: Test, row: Row): Promise<void> {
  const dir = workDir(t)
  const kinds = WHOLE ? BAD : BAD.filter((_, index) => index % 6 === 0)
  const left = [...kinds.entries()]
  const run = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const path = join(dir, `${next[0]}.yaml`)
      writeFileSync(path, next[1])
      const flags = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0']
      const { code, stdout, stderr } = await runCli(['serve', '--policy', path, ...flags])
      t.equal(code, 2, JSON.stringify(next[1].slice(0, 40)))
      t.equal(stdout, '')
      t.notMatch(stderr, /(gateway|admin)\.started/)
    }
  }
  await Promise.all([run(), run(), run()])
  row.tried(kinds.length)
  row.figure(`cold: ${kinds.length} kinds, exit 2 each, no port opened`)
}

promise('P3', async (t, row) => {
  await t.test('a ConfigMap: fifty swaps and more, each within 2 s', t => configMapSwaps(t, row))
  await t.test('truncate-then-write, rename-over, a directory made anew', t => fileChanges(t, row))
})

async function configMapSwaps(t: Test, row: Row): Promise<void> {
  const upstream = await startUpstream(t)
  const dir = workDir(t)
  let swaps = 0
  const swap = (origin: string): void => {
    const generation = `..2026_${swaps++}`
    mkdirSync(join(dir, generation))
    // Two files of one policy: a mix of two generations would name an upstream that is not there.
    const text = policy(upstream.url, origin).replaceAll('api', `api${swaps}`)
    const [upstreams = '', routes = ''] = text.split('routes:')
    writeFileSync(join(dir, generation, 'a.yaml'), upstreams)
    writeFileSync(join(dir, generation, 'b.yaml'), `version: 1\nroutes:${routes}`)
    symlinkSync(generation, join(dir, '..data_tmp'))
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
    if (swaps > 1) rmSync(join(dir, `..2026_${swaps - 2}`), { recursive: true })
  }
  swap('https://o0.example')
  for (const name of ['a.yaml', 'b.yaml']) symlinkSync(join('..data', name), join(dir, name))
  const gateway = await startGateway(t, { policy: 'version: 1', flags: ['--policy', dir] })
  let slowest = 0
  for (let index = 1; index <= 52; index++) {
    swap(`https://o${index}.example`)
    slowest = Math.max(slowest, await untilAllowed(gateway, `https://o${index}.example`))
  }
  t.ok(slowest < 2_000, `slowest ${slowest} ms`)
  // Two at once: the second comes while the first is being taken.
  for (let index = 60; index < 70; index += 2) {
    swap(`https://o${index}.example`)
    swap(`https://o${index + 1}.example`)
    t.ok((await untilAllowed(gateway, `https://o${index + 1}.example`)) < 2_000, 'the latter of two')
  }
  const rejected = gateway.records.filter(({ event }) => event === 'policy.rejected')
  t.same(rejected, [], 'never a mix')
  row.tried(62)
  row.figure(
    `52 swaps of a ConfigMap's ..data, the slowest in force after ${slowest} ms, never a mix; 5 times two at once`,
  )
}

async function fileChanges(t: Test, row: Row): Promise<void> {
  const upstream = await startUpstream(t)
  const dir = workDir(t)
  const mount = join(dir, 'mount')
  const path = join(mount, 'policy.yaml')
  mkdirSync(mount)
  const extra = `  - id: stock
    path: /stock/**
    upstream: api
`
  rename(path, policy(upstream.url, A, extra))
  const gateway = await startGateway(t, { policy: 'version: 1', flags: ['--policy', path] })

  await t.test('in two writes, of which the first is a valid policy', async t => {
    for (let index = 0; index < 5; index++) {
      const origin = `https://w${index}.example`
      writeFileSync(path, policy(upstream.url, origin))
      await sleep(40)
      writeFileSync(path, policy(upstream.url, origin, extra))
      t.ok((await untilAllowed(gateway, origin)) < 2_000)
    }
    const routes = gateway.records
      .filter(({ event }) => event === 'policy.loaded')
      .map(({ routes }) => routes)
    t.ok(
      routes.every(count => count === 2),
      `never partly: ${routes}`,
    )
  })

  await t.test('rename-over, again and again', async t => {
    for (let index = 0; index < 5; index++) {
      rename(path, policy(upstream.url, `https://r${index}.example`, extra))
      t.ok((await untilAllowed(gateway, `https://r${index}.example`)) < 2_000)
    }
  })

  await t.test('directory removed and made anew, twice', async t => {
    for (const origin of ['https://d1.example', 'https://d2.example']) {
      rmSync(mount, { recursive: true })
      await sleep(700)
      t.equal((await send(gateway.port, { path: '/stock/1' })).status, 200, 'served meanwhile')
      mkdirSync(mount)
      rename(path, policy(upstream.url, origin, extra))
      t.ok((await untilAllowed(gateway, origin)) < 2_000)
    }
  })
  row.tried(12)
  row.figure('5 writes in two parts, 5 renames, 2 directories made anew: each within 2 s, never partly')
}

promise('P4', async (t, row) => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, {
    policy: policy(upstream.url, A),
    flags: ['--policy-poll', '1h', '--max-requests-per-socket', '1000000'],
  })
  const path = join(gateway.dir, 'policy.yaml')
  const pool = new Pool(gateway.url, { connections: 4 })
  t.teardown(() => pool.destroy())
  const statuses = new Set<number>()
  let reloading = true
  const load = Array.from({ length: 4 }, async () => {
    while (reloading) {
      const { statusCode, body } = await pool.request({
        path: '/orders/1',
        method: 'GET',
        headers: { origin: A },
      })
      await body.dump()
      statuses.add(statusCode)
    }
  })
  const total = WHOLE ? 2_000 : 160
  const memory: number[] = []
  for (let index = 0; index < total; index++) {
    // Another upstream each time: the old one's pool must go.
    const text = policy(upstream.url, A).replace('{ url:', `{ connections: ${1 + (index % 50)}, url:`)
    await reloaded(gateway, () => rename(path, text))
    if (index % (total / 8) === total / 8 - 1)
      memory.push(await metric(gateway, 'process_resident_memory_bytes'))
  }
  reloading = false
  await Promise.all(load)
  t.same([...statuses], [200], 'no error')
  const connections = await openConnections(t, upstream.server)
  t.ok(connections <= 60, `${connections} connections left of ${total} pools`)
  const growth = memory.at(-1)! / memory[Math.floor(memory.length / 2)]!
  const megabytes = memory.map(bytes => Math.round(bytes / 1e6)).join(', ')
  t.ok(growth < 1.5, `memory ${megabytes} MB`)
  row.tried(total)
  row.figure(
    `${total.toLocaleString('en')} reloads under load, each with another pool: all 200, ${connections} upstream connections left, memory at each eighth ${megabytes} MB`,
  )
})

t.test('an unchanged upstream keeps its connections, SIGHUP without a change changes nothing', async t => {
  let connections = 0
  const upstream = await startUpstream(t)
  upstream.server.on('connection', () => connections++)
  const gateway = await startGateway(t, { policy: policy(upstream.url, A), flags: ['--policy-poll', '1h'] })
  const path = join(gateway.dir, 'policy.yaml')
  for (let index = 0; index < 5; index++) {
    await send(gateway.port, { path: '/orders/1', headers: { origin: A } })
    await reloaded(gateway, () => rename(path, policy(upstream.url, `${A}, https://n${index}.example`)))
  }
  t.equal(connections, 1)
  const before = loads(gateway)
  gateway.child.kill('SIGHUP')
  await gateway.logged(/policy\.unchanged/)
  t.equal(loads(gateway), before)
})

t.test('a policy whose changes are too many to look at is loaded as any other', async t => {
  // The larger one in a thread, in less time than it would take to look at them.
  for (const padding of ['', `# ${' '.repeat(70_000)}\n`]) {
    const gateway = await startGateway(t, {
      policy: overlappingRoutes(22, 'GET'),
      flags: ['--policy-poll', '1h', '--policy-load-timeout', '10s'],
    })
    const began = Date.now()
    await reloaded(gateway, () =>
      rename(join(gateway.dir, 'policy.yaml'), padding + overlappingRoutes(22, 'GET, POST')),
    )
    t.ok(Date.now() - began < 10_000)
    const changes = gateway.records.find(
      ({ event, trigger }) => event === 'policy.loaded' && trigger !== 'start',
    )?.changes
    t.match(changes, [/^1 origin may now use POST on route r0$/])
    t.equal(await gateway.stop(), 0)
  }
})

function openConnections(
  t: Test,
  server: { getConnections(done: (error: Error | null, count: number) => void): void },
) {
  return new Promise<number>(resolve =>
    server.getConnections((error, count) => {
      t.error(error)
      resolve(count)
    }),
  )
}

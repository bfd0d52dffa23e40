import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { REASONS } from '../../src/cors/reason.js'
import { allFields } from '../../src/policy/schema/schema-field.js'
import { type CommandResult, runCommands } from '../helpers/commands.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { FORMS, fieldsOf, OUTPUT_SCHEMA, type Output, readOutput } from '../helpers/output-schema.js'
import { startUpstream } from '../helpers/upstream.js'
import { workDir } from '../helpers/work-dir.js'

// Every command that writes JSON, run with inputs of every kind: what it writes is what config/output.schema.json says,
// and whatever that says is written by one of them.

const SHOP = 'https://www.shop.example'
const POLICY = (upstream = 'http://127.0.0.1:9') => `version: 1
upstreams:
  api: { url: ${upstream}, preserveHost: true }
origins:
  shops:
    - ${SHOP}
    - { origin: https://old.shop.example, owner: team-x, expires: 2025-01-01 }
    - { origin: https://new.shop.example, owner: team-x, expires: 2099-01-01 }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors:
      - allowOrigins: [shops]
        allowMethods: [GET, PUT]
        allowCredentials: true
  - id: live
    hosts: [live.shop.example]
    path: /live/**
    upstream: api
    mode: report
    cors:
      - allowOrigins: ["https://*.shop.example"] # crossgate-ignore origin-http until 2099-01-01: for the test
        allowMethods: [GET]
`
const TESTS = `tests:
  - name: the shop
    request: { url: "https://api.shop.example/orders/1", origin: "${SHOP}" }
    expect: { outcome: allowed }
  - name: a stranger
    request: { url: "https://api.shop.example/orders/1", origin: "https://evil.example" }
    expect: { outcome: allowed }
`
const FILES = {
  'good.yaml': POLICY(),
  'good.test.yaml': TESTS,
  'narrower.yaml': POLICY().replace('GET, PUT', 'GET').replace('id: live', 'id: stream'),
  'bad.test.yaml': TESTS,
  'bad.yaml': POLICY().replace(SHOP, 'http://www.shop.example'),
  'raw.txt': 'gibberish /orders/1 HTTP/1.1\r\nHost: api.shop.example\r\n\r\n',
}

const denied = (origin: string | undefined, more: object = {}) =>
  `${JSON.stringify({
    ...{ level: 'warn', time: '2026-12-31T10:00:00.000Z', seq: 7, boot: '0123456789ab' },
    ...{ event: 'cors.denied', schema: 1, outcome: 'denied', enforced: false, kind: 'preflight' },
    ...{ reason: 'origin-not-allowed', method: 'OPTIONS', host: 'api.shop.example', path: '/orders/1' },
    ...{
      requestedMethod: 'PUT',
      requestedHeaders: 'x-a',
      route: 'orders',
      hint: 'extra-www https://a.example',
    },
    ...{ origin, ...more },
  })}\n`
const LOG = [
  `${JSON.stringify({ event: 'policy.loaded', schema: 1, time: '2026-12-31T09:00:00.000Z', seq: 1, boot: '0123456789ab', policyRevision: 'f'.repeat(64), trigger: 'start' })}\n`,
  `${JSON.stringify({ event: 'upstream.cors_stripped', schema: 1, time: '2026-12-31T09:00:00.000Z', seq: 2, boot: '0123456789ab', upstream: 'api', route: 'orders', headers: ['access-control-allow-origin'], allowOrigin: SHOP, enforced: true })}\n`,
  ...['a', 'b', 'c', 'd'].map(name => denied(`https://${name}.partner.example`).repeat(4)),
  denied(undefined, { enforced: true }),
  denied('https://once.example'),
  denied('http://localhost:3000'),
  denied('https://gone.example', { route: undefined }),
  denied('https://now.partner.example', { time: '2027-01-01T12:00:00.000Z' }),
].join('')

const explain = (...args: string[]) => ['explain', '--policy', 'good.yaml', ...args]
const ask = (origin: string, path = '/orders/1', ...more: string[]) =>
  explain('--url', `https://api.shop.example${path}`, '--origin', origin, ...more)

const INVOCATIONS: readonly (readonly string[])[] = [
  ['check', 'good.yaml', '--max-credentialed-origins', '0'],
  ['check', 'good.yaml', 'bad.yaml'],
  ask(SHOP),
  ask(SHOP, '/orders/1', '--method', 'PUT'),
  ask(SHOP, '/orders/1', '--method', 'DELETE', '--header', 'x-a: 1', '--preflight'),
  ask('https://old.shop.example'),
  ask('http://www.shop.example'),
  ask('https://www.shop.exampl'),
  ask(SHOP, '/nope'),
  ask(SHOP, '/orders/%2e%2e/x'),
  explain('--url', 'wss://live.shop.example/live/x', '--origin', 'https://evil.example'),
  explain('--request', 'raw.txt'),
  ask(SHOP, '/orders/1', '--method', 'patch'),
  ask(SHOP, '/orders/1', '--method', 'patch', '--preflight'),
  explain('--request', 'record.json'),
  ['test', 'good.yaml', '--coverage'],
  ['test', 'good.yaml'],
  ['diff', 'good.yaml', 'narrower.yaml'],
  ['diff', 'narrower.yaml', 'good.yaml'],
  ['diff', 'good.yaml', 'good.yaml'],
  ['audit', 'report', 'audit.jsonl'],
  ['audit', 'report', 'empty.jsonl'],
  ['audit', 'suggest', 'audit.jsonl', '--policy', 'good.yaml'],
  ['audit', 'suggest', 'audit.jsonl', '--policy', 'good.yaml', '--include-ungranted'],
  ['audit', 'suggest', 'empty.jsonl', '--policy', 'good.yaml'],
  ['doctor', '--policy', 'good.yaml'],
  ...allFields().map(({ path }) => ['schema', path]),
  // Refused.
  ['explain', '--policy', 'bad.yaml', '--url', 'https://api.shop.example/orders/1'],
  ['test', 'bad.yaml'],
  ['diff', 'good.yaml', 'bad.yaml'],
  ['audit', 'suggest', 'audit.jsonl', '--policy', 'bad.yaml'],
]

t.test('what commands write is what the schema says, and the schema says no more', async t => {
  const dir = workDir(t, { ...FILES, 'audit.jsonl': LOG, 'empty.jsonl': '', 'record.json': denied(SHOP) })
  const results = await runCommands(
    dir,
    INVOCATIONS.map(args => [...args, '--format', 'json']),
  )
  const outputs = [
    ...INVOCATIONS.map((args, index) => output(args, results[index] as CommandResult)),
    ...(await scans(t, dir)),
    ...(await policyStates(t)),
  ]
  for (const [name, commands] of FORMS.map(({ name, command }) => [name, command] as const)) {
    const written = new Set(outputs.filter(({ command }) => commands.includes(command)).flatMap(namesIn))
    const silent = new Set(fieldsOf(OUTPUT_SCHEMA.$defs[name] ?? {}).filter(field => !written.has(field)))
    t.strictSame([...silent], [], `every field of ${name} is written`)
  }
  const refused = outputs.filter(({ valid }) => valid === false).map(({ command }) => command)
  t.strictSame(refused, ['check', 'explain', 'test', 'diff', 'audit suggest', 'scan'])
})

t.test('an output that is otherwise is none', async t => {
  const [good] = await runCommands(workDir(t, FILES), [['check', 'good.yaml', '--format', 'json']])
  const said = JSON.parse(good?.stdout ?? '')
  const { version: _, ...headless } = said
  for (const wrong of [
    headless,
    { ...said, more: 1 },
    { ...said, command: 'diff' },
    { ...said, valid: 'yes' },
  ])
    t.throws(() => readOutput(JSON.stringify(wrong)))
})

t.test('the schema knows every reason, and is in the package', async t => {
  t.strictSame(OUTPUT_SCHEMA.$defs['reason']?.enum, Object.keys(REASONS))
  t.ok(JSON.parse(readFileSync('package.json', 'utf8')).files.includes('config'))
})

t.test('the page has every field of every output', async t => {
  const [head = '', ...sections] = readFileSync('docs/json.md', 'utf8').split(/^## /m)
  t.strictSame(namedIn(head.split('**The promise.**')[0] ?? ''), ['tool', 'version', 'schema', 'command'])
  for (const { name, command } of FORMS.filter(form => form.name !== 'explainUnreadable')) {
    const title = TITLES[name] ?? String(command[0])
    const section = sections.find(text => text.startsWith(`${title}\n`)) ?? ''
    const { command: _, ...fields } = OUTPUT_SCHEMA.$defs[name]?.properties ?? {}
    t.strictSame([...namedIn(section)].sort(), Object.keys(fields).sort(), title)
  }
})

const TITLES: Readonly<Record<string, string>> = {
  refusal: 'A refused policy',
  serve: '`/policy` of the admin listener',
}

/** The fields in the first column of a table. */
function namedIn(text: string): readonly (string | undefined)[] {
  const cells = [...text.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell)
  return cells.flatMap(cell => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name))
}

function output(
  args: readonly string[],
  { stdout, stderr }: Pick<CommandResult, 'stdout' | 'stderr'>,
): Output {
  try {
    return readOutput(stdout)
  } catch (error) {
    throw new Error(`${args.join(' ')}: ${(error as Error).message}\n${stderr}`)
  }
}

/** With findings, with a baseline, compared, graded, and of a route that only reports. */
async function scans(t: Parameters<typeof startUpstream>[0], dir: string): Promise<readonly Output[]> {
  const reflecting = await startUpstream(t, ({ headers: { origin } }, response) => {
    if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin)
    response.setHeader('Access-Control-Allow-Credentials', 'true').end('data')
  })
  const quiet = await startUpstream(t)
  writeFileSync(join(dir, 'live.yaml'), POLICY(reflecting.url).replace(/ {4}hosts:.*\n/, ''))
  const scan = async (...args: string[]) => {
    const all = ['scan', ...args, '--allow-private', '--rate', '0', '--no-progress', '--format', 'json']
    return output(all, await runCli(all, {}, '', dir))
  }
  const first = await scan(reflecting.url, '--headers')
  writeFileSync(join(dir, 'last.json'), JSON.stringify(first))
  return [
    first,
    ...(await Promise.all([
      scan(reflecting.url, '--baseline', 'last.json'),
      scan(reflecting.url, '--compare', quiet.url),
      scan(reflecting.url, '--policy', 'live.yaml'),
      scan(reflecting.url, '--policy', 'bad.yaml'),
    ])),
  ]
}

/** What `/policy` says before and after a policy was refused. */
async function policyStates(t: Parameters<typeof startGateway>[0]): Promise<readonly Output[]> {
  const gateway = await startGateway(t, { policy: POLICY() })
  const state = async () => readOutput(await (await fetch(`${gateway.admin}/policy`)).text())
  const path = join(gateway.dir, 'policy.yaml')
  const states = [await state()]
  for (const [text, event] of [
    [FILES['narrower.yaml'], 'policy.loaded'],
    [FILES['bad.yaml'], 'policy.rejected'],
  ] as const) {
    const before = gateway.allRecords.length
    writeFileSync(path, text)
    await gateway.record(record => record.event === event && gateway.allRecords.indexOf(record) >= before)
    states.push(await state())
  }
  return states
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(namesIn)
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
}

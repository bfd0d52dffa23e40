import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { whyUnreadable, whyUnwritable } from '../../src/gateway/loading/file-failure.js'
import { CeilingSchema } from '../../src/policy/ceiling/ceiling-schema.js'
import { POLICY_FILE } from '../../src/policy/schema/file-kind.js'
import { type CommandResult, runCommands } from '../helpers/commands.js'
import { MAIN, runCli } from '../helpers/gateway.js'
import { workDir } from '../helpers/work-dir.js'

const GOOD = `version: 1
upstreams: { api: { url: http://api.internal } }
routes:
  - id: orders
    path: /orders/**
    upstream: api
    cors:
      - allowOrigins: [https://www.shop.example]
        allowMethods: [GET]
`
const WIDER = GOOD.replace('[GET]', '[GET, PUT]')
const WARNED = GOOD.replace('https://www', 'http://www')
const BAD = GOOD.replace('allowMethods', 'allowMethod')

t.test('exit codes: 0 fine, 1 found something, 2 cannot', async t => {
  const dir = workDir(t, {
    'good.yaml': GOOD,
    'wider.yaml': WIDER,
    'warned.yaml': WARNED,
    'bad.yaml': BAD,
    'bad.test.yaml': 'tests: []\n',
  })
  const explain = ['explain', '--policy', 'good.yaml', '--url', 'https://api.example/orders']
  const cases: readonly (readonly [number, ...string[]])[] = [
    [0, 'check', 'good.yaml'],
    [0, 'check', 'warned.yaml'],
    [1, 'check', 'warned.yaml', '--fail-on', 'warning'],
    [2, 'check', 'bad.yaml'],
    [2, 'check', 'nothing.yaml'],
    [0, ...explain, '--origin', 'https://www.shop.example', '--expect', 'allow'],
    [1, ...explain, '--origin', 'https://www.shop.example', '--expect', 'deny'],
    [1, ...explain, '--origin', 'https://evil.example', '--expect', 'allow'],
    [2, 'explain', '--policy', 'good.yaml'],
    [2, ...explain, '--header', 'x: y\r\nOrigin: z'],
    [2, 'test', 'good.yaml'],
    [2, 'test', 'bad.test.yaml'],
    [0, 'diff', 'wider.yaml', 'good.yaml'],
    [1, 'diff', 'good.yaml', 'wider.yaml'],
    [0, 'diff', 'good.yaml', 'wider.yaml', '--allow-widening'],
    [2, 'diff', 'good.yaml', 'bad.yaml'],
    [2, 'diff', 'good.yaml', 'git:nonsense'],
    [0, 'schema', 'maxAge'],
    [2, 'schema', 'maxAxe'],
  ]
  const results = await runCommands(
    dir,
    cases.map(([, ...args]) => args),
  )
  for (const [index, [code, ...args]] of cases.entries()) {
    const result = results[index] as CommandResult
    t.equal(result.code, code, `${args.join(' ')}\n${result.stderr}`)
    // What `check` says of a bad policy is its report.
    if (code === 2 && args.join(' ') !== 'check bad.yaml') t.match(result, { stdout: '', stderr: /./ })
  }
  const usage = [
    ['check'],
    ['check', 'x', '--format', 'xml'],
    ['completion', 'csh'],
    ['chekc'],
    ['diff', 'x'],
  ]
  for (const result of await Promise.all(usage.map(args => runCli(args)))) {
    t.match(result, { code: 2, stdout: '', stderr: /^error: / })
  }
})

t.test('docs/cli.md has the exit codes of every command, and they are so', async t => {
  const { stdout: overview } = await runCli(['--help'])
  const commands = Array.from(overview.matchAll(/^ {2}([a-z]+)/gm), ([, name = '']) => name)
  const [, table = ''] = readFileSync('docs/cli.md', 'utf8').split('## Exit codes\n')
  const rows = (table.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| `'))
  const named = rows.flatMap(row => row.split('|')[1]?.match(/[a-z]+(?=[ a-z]*`)/g) ?? [])
  for (const name of commands) t.ok(named.includes(name), name)

  const dir = workDir(t, { 'good.yaml': GOOD, 'text.txt': 'no record\n' })
  const serve = ['serve', '--policy', 'good.yaml', '--listen', '127.0.0.1:0', '--admin', 'off']
  const cases: readonly (readonly [number, string, readonly string[]])[] = [
    [1, 'cannot listen on 192.0.2.1:1', [...serve, '--listen', '192.0.2.1:1']],
    [1, 'needs @fastify/otel', [...serve, '--tracing', 'otel']],
    [2, 'cannot open the audit file', [...serve, '--audit-file', 'no/where']],
    [2, '--tls-cert: cannot read no.pem', [...serve, '--tls-cert', 'no.pem', '--tls-key', 'no.pem']],
    [3, '1 unreachable', ['scan', 'http://127.0.0.1:1/', '--allow-private']],
    [0, 'Nobody was denied', ['audit', 'report', '/dev/null']],
    [2, 'no line is an audit record', ['audit', 'report', 'text.txt']],
    [1, 'not ready', ['healthcheck', '--admin', '127.0.0.1:1']],
    [2, 'no URL', ['doctor', '--gateway', 'no URL']],
  ]
  const results = await Promise.all(cases.map(([, , args]) => runCli(args, {}, '', dir)))
  for (const [index, [code, says, args]] of cases.entries()) {
    const result = results[index]!
    t.equal(result.code, code, args.join(' '))
    t.ok(`${result.stdout}${result.stderr}`.includes(says), `${result.stdout}${result.stderr}`)
  }
})

t.test('a file that cannot be read or written is named, with why, in words', async t => {
  const dir = workDir(t, { 'good.yaml': GOOD, 'audit.jsonl': '{"event":"policy.loaded","schema":1}\n' })
  mkdirSync(join(dir, 'broken'))
  mkdirSync(join(dir, 'broken', 'a.yaml'))
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['check', 'nothing.yaml'], 'cannot read the policy at nothing.yaml: there is no such file or directory'],
    [['check', 'broken'], 'cannot read the policy at broken (broken/a.yaml): it is a directory'],
    [['check', 'good.yaml/x'], 'cannot read the policy at good.yaml/x: its path leads through a file'],
    [
      ['check', 'good.yaml', '--ceiling', '.'],
      'cannot read the ceiling at .: it is a directory; name a file',
    ],
    [
      ['explain', '--policy', 'good.yaml', '--request', 'no'],
      'cannot read the request in no: there is no such',
    ],
    [['scan', '--urls', 'no'], 'cannot read the URLs in no: there is no such file'],
    [['scan', 'http://a', '-H', '@no'], 'cannot read the lines of -H no: there is no such file'],
    [['scan', 'http://a', '--baseline', 'no'], 'cannot read the baseline no: there is no such file'],
    [['audit', 'report', '.'], 'cannot read .: it is a directory; name a file'],
    [['audit', 'report', 'audit.jsonl', '--output', 'no/x'], 'cannot write no/x: there is no such directory'],
    [
      ['serve', '--policy', 'x', '--settings', 'no'],
      'cannot read the settings file no: there is no such file',
    ],
  ]
  const results = await Promise.all(rows.map(([args]) => runCli(args, {}, '', dir)))
  for (const [index, [args, says]] of rows.entries()) {
    const { code, stderr = '' } = results[index] ?? {}
    t.equal(code, 2, args.join(' '))
    t.equal(stderr.split('\n').filter(Boolean).length, 1, stderr)
    t.ok(stderr.startsWith(`crossgate: ${says}`), stderr)
  }
})

t.test('no name of a file and no text of an argument reaches the terminal as it is', async t => {
  const name = 'no\u001b[31mred\u009b0m\u202e.yaml'
  const dir = workDir(t, { 'good.yaml': GOOD, [name]: BAD })
  const gone = `gone-${name}`
  const rows: readonly (readonly string[])[] = [
    ['check', gone],
    ['check', name],
    ['check', 'good.yaml', '--ceiling', gone],
    ['explain', '--policy', gone, '--url', 'http://a/'],
    ['explain', '--policy', 'good.yaml', '--request', gone],
    ['test', gone],
    ['diff', gone, 'good.yaml'],
    ['scan', '--urls', gone],
    ['audit', 'report', gone],
    ['audit', 'suggest', '--policy', gone],
    ['schema', gone],
    ['serve', '--policy', gone],
    ['serve', '--policy', 'good.yaml', '--settings', gone],
    ['serve', '--policy', 'good.yaml', '--listen', gone],
    ['serve', '--policy', 'good.yaml', '--audit-file', `${gone}/x`],
    ['serve', gone],
    ['doctor', '--around', gone],
    ['doctor', '--policy', gone],
    ['healthcheck', '--admin', gone],
    [gone],
  ]
  const results = await Promise.all(rows.map(args => runCli(args, {}, '', dir)))
  for (const [index, args] of rows.entries()) {
    const { code, stdout, stderr } = results[index]!
    t.ok(code === 1 || code === 2, `${args.join(' ')}: ${code}`)
    t.match(`${stdout}${stderr}`, '\\x1b[31mred\\x9b0m\\u{202e}', args.join(' '))
    t.notMatch(`${stdout}${stderr}`, /[^\P{Cc}\n]|\u202e/u, args.join(' '))
  }
})

t.test('whoever may not read a file hears as which user it was tried', async t => {
  const uid = process.getuid?.()
  const denied = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: 'EACCES' })
  t.equal(
    whyUnreadable(denied),
    `permission denied: this user (uid ${uid}) may not read it, or not enter its directory`,
  )
  t.match(whyUnwritable(denied), `this user (uid ${uid}) may not write it`)
  const other = Object.assign(new Error("ELOOP: too many symbolic links encountered, stat 'a, b'"), {
    code: 'ELOOP',
  })
  t.equal(whyUnreadable(other), 'too many symbolic links encountered', 'any other in the words of the system')
})

t.test('a usage that is nearly right is told what is', async t => {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['serve', 'good.yaml'], 'Did you mean --policy good.yaml?'],
    [['explain', 'good.yaml'], 'Did you mean --policy good.yaml?'],
    [['explain', '--policy', 'x', 'y'], 'but got 1.\n(--help'],
    [['completion', 'bash', '--port', '1'], "unknown option '--port'\n(--help"],
    [['serve', '--port', '8080'], 'Did you mean --listen HOST:PORT?'],
    [['serve', '--port=8080'], 'Did you mean --listen HOST:PORT?'],
    [['serve', '-p8080'], 'Did you mean --listen HOST:PORT?'],
    [['serve', '--ports', '8080'], "unknown option '--ports'\n(--help"],
    [['serve', '--config', 'good.yaml'], 'Did you mean --policy PATH?'],
    [['serve'], '--policy: it is required (or CROSSGATE_POLICY), such as --policy config/policy.yaml'],
    [
      ['diff', 'HEAD:good.yaml', 'good.yaml'],
      'no file or directory HEAD:good.yaml; did you mean git:HEAD:good.yaml?',
    ],
    [['diff', 'nothing.yaml', 'good.yaml'], 'cannot read the policy at nothing.yaml'],
    [['serve', 'help'], 'Did you mean crossgate serve --help?'],
    [['explain', 'help'], 'Did you mean crossgate explain --help?'],
    [['help', 'explain', 'test'], "there is no command 'explain test'\n(--help"],
    [['help', 'audit', 'sugest'], 'Did you mean crossgate help audit suggest?'],
    [['help', 'chek'], 'Did you mean crossgate help check?'],
  ]
  const results = await Promise.all(rows.map(([args]) => runCli(args)))
  for (const [index, [args, says]] of rows.entries()) {
    const { code, stderr = '' } = results[index] ?? {}
    t.equal(code, 2, args.join(' '))
    t.ok(stderr.includes(says), stderr)
  }
})

t.test('help goes as deep as the words', async t => {
  for (const words of [[], ['check'], ['audit'], ['audit', 'suggest'], ['audit', 'report'], ['help']]) {
    const [asked, flag] = await Promise.all([runCli(['help', ...words]), runCli([...words, '--help'])])
    t.match(asked, { code: 0, stderr: '', stdout: `Usage: ${['crossgate', ...words].join(' ')} ` })
    t.equal(asked.stdout, flag.stdout, words.join(' '))
  }
})

t.test('every command has its row in docs/cli.md', async t => {
  const { stdout } = await runCli(['--help'])
  const commands = Array.from(stdout.matchAll(/^ {2}([a-z]+)/gm), ([, name = '']) => name)
  const page = readFileSync('docs/cli.md', 'utf8')
  const rows = Array.from(page.matchAll(/^\| `crossgate ([a-z]+)/gm), ([, name = '']) => name)
  t.strictSame([...new Set(rows)].sort(), commands.sort())
})

t.test('expectations fail the run, and so does too little coverage', async t => {
  const tests = (outcome: string) => `tests:
  - name: the shop may read
    request: { url: "https://api.example/orders", origin: "https://www.shop.example" }
    expect: { outcome: ${outcome} }
`
  const dir = workDir(t, {
    'p.yaml': `${GOOD}  - { id: other, path: /other, upstream: api }\n`,
    'p.test.yaml': tests('allowed'),
    'q.yaml': GOOD,
    'q.test.yaml': tests('denied'),
  })
  const [all, enough, low, failed] = await runCommands(dir, [
    ['test', 'p.yaml'],
    ['test', 'p.yaml', '--min-coverage', '75'],
    ['test', 'p.yaml', '--min-coverage', '76'],
    ['test', 'q.yaml', '--format', 'tap'],
  ])
  t.equal(all?.code, 0)
  t.equal(enough?.code, 0)
  t.equal(low?.code, 1)
  t.match(low?.stdout, 'untouched route: the route `other`')
  t.match(low?.stderr, 'cover 75%, less than 76%')
  t.equal(failed?.code, 1)
  t.match(failed?.stdout, 'not ok 1 - the shop may read')
})

t.test('`-` is standard input', async t => {
  const dir = workDir(t, { 'good.yaml': GOOD })
  const policy = join(dir, 'good.yaml')
  const explain = ['explain', '--policy', policy, '--request', '-']
  const raw = 'GET /orders HTTP/1.1\nHost: api.example\nOrigin: https://evil.example\n'
  const record = JSON.stringify({
    kind: 'actual',
    outcome: 'denied',
    reason: 'origin-not-allowed',
    origin: 'https://www.shop.example',
    method: 'GET',
    host: 'api.example',
    path: '/orders',
  })
  // What a careful rule answers depends on what the preflight announced.
  const preflight = (asked: object) =>
    JSON.stringify({
      ...JSON.parse(record),
      kind: 'preflight',
      method: 'OPTIONS',
      reason: 'method-not-allowed',
      ...asked,
    })
  const cutNames = `x-a,${'x'.repeat(252)}...`
  const runs: readonly (readonly [readonly string[], string, number, string])[] = [
    [['check', '-'], BAD, 2, '<stdin>:9:9: error unknown-key'],
    [['diff', policy, '-'], WIDER, 1, 'may now use PUT'],
    [explain, raw, 0, 'denied: origin-not-allowed'],
    [explain, record, 0, 'denied: origin-not-allowed; with this policy it is allowed: origin-allowed'],
    [explain, preflight({ requestedMethod: 'PUT' }), 0, 'the record says the same'],
    [explain, preflight({ requestedMethod: 'GET' }), 0, 'with this policy it is allowed: preflight-allowed'],
    [explain, preflight({ requestedMethod: 'GET', requestedHeaders: 'x-a' }), 0, 'header-not-allowed'],
    [
      explain,
      preflight({ requestedMethod: 'GET', requestedHeaders: cutNames }),
      0,
      'too small for requestedHeaders',
    ],
    [[...explain, '--method', 'GET'], preflight({ requestedMethod: 'PUT' }), 0, 'preflight-allowed'],
    [[...explain, '--method', 'put'], preflight({ requestedMethod: 'GET' }), 0, 'browsers send put as PUT'],
    [[...explain, '--method', 'put'], preflight({ requestedMethod: 'PUT' }), 0, 'the record says the same'],
    [explain, preflight({}), 0, 'does not say what the preflight asked for; assumed GET'],
    [explain, 'GET /a b HTTP/1.1\n', 0, 'The HTTP parser refuses this request with 400'],
    [
      explain,
      'GET / HTTP/1.1\n',
      0,
      'refuses this request with 400, before any policy is asked: it has no Host header',
    ],
    [
      explain,
      '',
      0,
      'The HTTP parser refuses this request with 400, before any policy is asked: there is no request in it',
    ],
    [explain, '\n \r\n\n', 0, 'there is no request in it'],
  ]
  await Promise.all(
    runs.map(async ([args, input, code, said]) => {
      const result = await runCli(args, {}, input)
      t.equal(result.code, code, result.stderr)
      t.match(result.stdout, said)
    }),
  )
})

t.test('a method is sent as browsers send it, and what is nearly one is told', async t => {
  const dir = workDir(t, {
    'good.yaml': GOOD,
    'good.test.yaml': `tests:
  - name: a lower-case method
    request: { url: "https://api.example/orders", origin: "https://www.shop.example", method: get }
    expect: { outcome: allowed }
  - name: one that browsers leave alone
    request: { url: "https://api.example/orders", origin: "https://www.shop.example", method: patch }
    expect: { outcome: allowed }
`,
  })
  const explain = (method: string, ...more: string[]) => [
    ...['explain', '--policy', 'good.yaml', '--url', 'https://api.example/orders'],
    ...['--origin', 'https://www.shop.example', '--method', method, ...more],
  ]
  const [get, patch, announced, other, json, tests] = await runCommands(dir, [
    explain('gEt'),
    explain('patch'),
    explain('patch', '--preflight'),
    explain('GET'),
    explain('patch', '--format', 'json'),
    ['test', 'good.yaml'],
  ])
  t.match(get?.stdout, /^GET .*: allowed\n/)
  t.match(get?.stdout, 'browsers send gEt as GET')
  t.match(patch?.stdout, 'refuses this request with 400')
  t.match(patch?.stdout, 'Note: patch is not PATCH: methods are case-sensitive')
  t.match(announced?.stdout, /method-not-allowed[\s\S]*patch is not PATCH/)
  t.notMatch(other?.stdout, /^Note/m)
  t.match(JSON.parse(json?.stdout ?? ''), {
    unreadable: { status: 400 },
    notes: [/patch is not PATCH/],
  })
  t.match(
    tests?.stdout,
    /ok a lower-case method\n[\s\S]*FAIL one that browsers leave alone[\s\S]*patch is not PATCH/,
  )
})

t.test('a record that decides nothing is named, and which ones do', async t => {
  const dir = workDir(t, { 'good.yaml': GOOD })
  const explain = ['explain', '--policy', join(dir, 'good.yaml'), '--request', '-']
  for (const [record, what] of [
    [{ event: 'upstream.cors_stripped', route: 'orders' }, 'this is upstream.cors_stripped'],
    [{ event: 'policy.loaded' }, 'this is policy.loaded'],
    [{ a: 1 }, 'this has no fields `method` and `path`'],
  ] as const) {
    t.match(await runCli(explain, {}, JSON.stringify(record)), {
      code: 2,
      stdout: '',
      stderr: `crossgate: ${what}; give the record of a decision: cors.denied or cors.allowed`,
    })
  }
})

t.test('`explain` takes no flag that it would not look at', async t => {
  const record = (kind: string) =>
    JSON.stringify({ event: 'cors.denied', kind, method: 'GET', host: 'api.example', path: '/orders' })
  const dir = workDir(t, {
    'good.yaml': GOOD,
    'raw.txt': 'GET /orders HTTP/1.1\nHost: api.example\n',
    'actual.json': record('actual'),
    'preflight.json': record('preflight'),
  })
  const rows: readonly (readonly [readonly string[], string])[] = [
    [
      ['--request', 'raw.txt', '--url', 'https://api.example/', '--origin', 'https://www.shop.example'],
      '--url and --origin: --request says all of it; say one of them',
    ],
    [['--request', 'raw.txt', '--preflight'], '--preflight: --request says'],
    [['--request', 'raw.txt', '--method', 'PUT'], '--method: the raw request says it'],
    [['--request', 'actual.json', '--header', 'x'], '--header: only for the record of a preflight'],
    [['--url', 'http://api.example/', '--scheme', 'https'], '--scheme: only for --request'],
  ]
  const explain = ['explain', '--policy', 'good.yaml']
  const results = await runCommands(dir, [
    ...rows.map(([flags]) => [...explain, ...flags]),
    [...explain, '--request', 'preflight.json', '--method', 'PUT', '--header', 'x', '--scheme', 'https'],
  ])
  for (const [index, [flags, says]] of rows.entries()) {
    const { code, stdout, stderr } = results[index] as CommandResult
    t.match({ code, stdout }, { code: 2, stdout: '' }, flags.join(' '))
    t.ok(stderr.startsWith(`crossgate: ${says}`), stderr)
  }
  t.equal(results.at(-1)?.code, 0, 'a preflight’s record may be asked otherwise')
  const { stdout: help } = await runCli(['explain', '--help'])
  t.notMatch(help, '[]', 'what has no default says none')
})

t.test('colours are for terminals, NO_COLOR and FORCE_COLOR have their say', async t => {
  const dir = workDir(t, { 'warned.yaml': WARNED })
  const run = async (env: Record<string, string>) =>
    (await runCommands(dir, [['check', 'warned.yaml']], env))[0]?.stdout
  const [pipe, forced, both] = await Promise.all([
    run({ NO_COLOR: '', FORCE_COLOR: '' }),
    run({ NO_COLOR: '', FORCE_COLOR: '1' }),
    run({ NO_COLOR: '1', FORCE_COLOR: '1' }),
  ])
  t.notMatch(pipe, '\u001b', 'a pipe is no terminal')
  t.match(forced, '\u001b[1;33m')
  t.notMatch(both, '\u001b')
})

t.test('OLD may be what git has', async t => {
  const dir = workDir(t, { 'policy.yaml': GOOD })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: dir })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'first')
  writeFileSync(join(dir, 'policy.yaml'), WIDER)
  const [file, directory, nothing] = await runCommands(dir, [
    ['diff', 'git:HEAD:policy.yaml', 'policy.yaml'],
    ['diff', 'git:HEAD:.', '.'],
    ['diff', 'git:HEAD:nothing.yaml', 'policy.yaml'],
  ])
  t.match(file, { code: 1, stdout: /may now use PUT/ })
  t.match(directory, { code: 1, stdout: /may now use PUT/ })
  t.match(nothing, { code: 2, stderr: /git cannot read it/ })
})

t.test('the ceiling holds in every command', async t => {
  const dir = workDir(t, {
    'policy.yaml': GOOD,
    'ceiling.yaml': 'version: 1\noriginsUnder: [bank.example]\n',
  })
  const commands = [
    ['check', '.'],
    ['explain', '--policy', 'policy.yaml', '--url', 'https://a.example/'],
    ['diff', 'policy.yaml', 'policy.yaml'],
  ].map(args => [...args, '--ceiling', 'ceiling.yaml'])
  const serve = ['serve', '--policy', dir, '--ceiling', join(dir, 'ceiling.yaml'), '--listen', '127.0.0.1:0']
  const results = [...(await runCommands(dir, commands)), await runCli(serve)]
  for (const [index, { code, stdout, stderr }] of results.entries()) {
    const args = commands[index] ?? serve
    t.equal(code, 2, `${args[0]}`)
    t.match(
      stdout + stderr,
      /ceiling-origin .* see .*ceiling.yaml:2: originsUnder: \[bank.example\]/,
      `${args[0]}`,
    )
  }
})

t.test('a policy and its ceiling in each other’s place are one problem, with what to do', async t => {
  const dir = workDir(t, { 'empty.yaml': 'version: 1\n' })
  const ceiling = 'version: 1\nallowMethods: [GET]\n'
  mkdirSync(join(dir, 'p'))
  mkdirSync(join(dir, 'only'))
  symlinkSync('p', join(dir, 'link'))
  writeFileSync(join(dir, 'p', 'a.yaml'), GOOD)
  writeFileSync(join(dir, 'p', 'ceiling.yaml'), ceiling)
  writeFileSync(join(dir, 'only', 'c.yaml'), ceiling)
  const codes = (text = '') =>
    Array.from(text.matchAll(/^(\S+): error (\S+)/gm), ([, at, code]) => `${at} ${code}`)
  const [forgotten, given, linked, swapped, alone, only, empty] = await runCommands(dir, [
    ['check', 'p'],
    ['check', 'p', '--ceiling', 'p/ceiling.yaml'],
    ['check', 'link', '--ceiling', 'p/ceiling.yaml'],
    ['check', 'p', '--ceiling', 'p/a.yaml'],
    ['check', 'p/a.yaml', '--ceiling', 'p/a.yaml'],
    ['check', 'only', '--ceiling', 'only/c.yaml'],
    ['check', 'empty.yaml'],
  ])
  t.strictSame(codes(forgotten?.stdout), ['p/ceiling.yaml:2:1 other-file'])
  t.match(forgotten?.stdout, 'help: name it with `--ceiling p/ceiling.yaml`: then it bounds the policy')
  t.match(given, { code: 0 })
  t.match(linked, { code: 0 })
  t.strictSame(codes(swapped?.stdout), ['p/ceiling.yaml:2:1 other-file', 'p/a.yaml:3:1 other-file'])
  t.match(swapped?.stdout, 'this is a policy, and not the ceiling')
  t.strictSame(codes(alone?.stdout), ['p/a.yaml:3:1 other-file'])
  t.match(only, {
    code: 2,
    stdout: '',
    stderr: 'there is no policy file but only/c.yaml, which is the ceiling\n',
  })
  t.strictSame(codes(empty?.stdout), ['empty.yaml:1:1 missing-key', 'empty.yaml:1:1 missing-key'])
  const file = POLICY_FILE.mistaken?.find(({ what }) => what === 'a ceiling')
  t.strictSame(
    [...(file?.marks ?? []), ...(file?.keys ?? [])].sort(),
    Object.keys(CeilingSchema.shape).sort(),
  )
})

t.test('a command reads a policy from a pipe, whoever writes it', async t => {
  const dir = workDir(t, { 'good.yaml': GOOD })
  const fifo = join(dir, 'fifo')
  execFileSync('mkfifo', [fifo])
  const [named] = await Promise.all([runCli(['check', fifo]), writeFile(fifo, GOOD)])
  t.match(named, { code: 0, stdout: /^no problems\n/ })
  const script = 'cat good.yaml | "$0" "$1" check /dev/fd/0'
  const stdin = execFileSync('sh', ['-c', script, process.execPath, MAIN], { cwd: dir, encoding: 'utf8' })
  t.match(stdin, /^no problems\n/)
})

t.test('a directory in a policy directory is no part of the policy, and is told', async t => {
  const dir = workDir(t, {})
  for (const name of ['p', 'p/more', 'p/empty', 'p/.hidden', 'p/tests']) mkdirSync(join(dir, name))
  for (const name of ['p/a.yaml', 'p/more/b.yml', 'p/.hidden/c.yaml', 'p/tests/d.test.yaml'])
    writeFileSync(join(dir, name), GOOD)
  const [found, file] = await runCommands(dir, [
    ['check', 'p'],
    ['check', 'p/a.yaml'],
  ])
  t.match(found, { code: 0, stderr: /^crossgate: p\/more is no part of the policy[^\n]*\n$/ })
  t.match(file, { code: 0, stderr: '' })
})

t.test('what `serve` is told by variables and its settings file holds in the other commands', async t => {
  const dir = workDir(t, {
    'policy.yaml': GOOD,
    'policy.test.yaml':
      'tests: [{ name: a, request: { url: "https://a.example/" }, expect: { outcome: denied, reason: route-not-found } }]\n',
    'ceiling.yaml': 'version: 1\noriginsUnder: [bank.example]\n',
    'wide.yaml': 'version: 1\n',
    'audit.jsonl': '{"event":"policy.loaded","schema":1}\n',
    's.yaml': 'policy: policy.yaml\nceiling: ceiling.yaml\n',
    'broken.yaml': 'bodyLimit: huge\n',
  })
  const explain = ['--url', 'https://a.example/']
  const ceiling = { CROSSGATE_CEILING: 'ceiling.yaml' }
  const gone = { CROSSGATE_CEILING: 'gone.yaml' }
  const policy = { CROSSGATE_POLICY: 'policy.yaml' }
  const settings = { CROSSGATE_SETTINGS: 's.yaml' }
  const beyond = 'ceiling-origin'
  const absent =
    'cannot read the ceiling at gone.yaml: there is no such file or directory (from CROSSGATE_CEILING)'
  const rows: readonly (readonly [number, string, Record<string, string>, ...(readonly string[])])[] = [
    [2, beyond, ceiling, 'check', 'policy.yaml'],
    [0, 'no problems', ceiling, 'check', 'policy.yaml', '--ceiling', 'wide.yaml'],
    [0, 'no problems', ceiling, 'check', 'policy.yaml', '--ceiling', ''],
    [2, absent, gone, 'check', 'policy.yaml'],
    [0, 'no problems', policy, 'check'],
    [0, 'no problems', { CROSSGATE_POLICY: 'gone.yaml' }, 'check', 'policy.yaml'],
    [
      2,
      'policy at gone.yaml: there is no such file or directory (from CROSSGATE_POLICY)',
      { CROSSGATE_POLICY: 'gone.yaml' },
      'check',
    ],
    [2, 'CROSSGATE_POLICY: it must not be empty', { CROSSGATE_POLICY: '' }, 'check'],
    [2, beyond, settings, 'check'],
    [0, 'no problems', { ...settings, CROSSGATE_CEILING: '' }, 'check'],
    [2, 'broken.yaml:1:12: error bad-value', { CROSSGATE_SETTINGS: 'broken.yaml' }, 'check', 'policy.yaml'],
    [
      2,
      'cannot read the settings file no: there is no such',
      { CROSSGATE_SETTINGS: 'no' },
      'check',
      'policy.yaml',
    ],
    [2, beyond, ceiling, 'explain', '--policy', 'policy.yaml', ...explain],
    [2, absent, gone, 'explain', '--policy', 'policy.yaml', ...explain],
    [0, 'orders', policy, 'explain', ...explain],
    [2, beyond, settings, 'explain', ...explain],
    [2, beyond, ceiling, 'test', 'policy.yaml'],
    [2, absent, gone, 'test', 'policy.yaml'],
    [0, '1 of 1 as expected', policy, 'test'],
    [
      2,
      'there is no file or directory gone.yaml (from CROSSGATE_POLICY)',
      { CROSSGATE_POLICY: 'gone.yaml' },
      'test',
    ],
    [2, beyond, settings, 'test'],
    [2, beyond, ceiling, 'diff', 'policy.yaml', 'policy.yaml'],
    [2, absent, gone, 'diff', 'policy.yaml', 'policy.yaml'],
    [0, '', policy, 'audit', 'suggest', 'audit.jsonl'],
    [0, 'ok      mount: policy.yaml', policy, 'doctor'],
    [0, 'ok      mount: policy.yaml', settings, 'doctor'],
    [0, 'ok      mount: policy.yaml', {}, 'doctor', '--settings', 's.yaml'],
    [0, 'unknown mount', {}, 'doctor'],
    [2, "missing required argument 'PATH' (or CROSSGATE_POLICY)", {}, 'check'],
    [2, "missing required argument 'PATH' (or CROSSGATE_POLICY)", {}, 'test'],
    [2, "required option '--policy <PATH>' not specified (or CROSSGATE_POLICY)", {}, 'explain'],
    [2, "required option '--policy <PATH>' not specified (or CROSSGATE_POLICY)", {}, 'audit', 'suggest'],
  ]
  const results = await Promise.all(rows.map(([, , env, ...args]) => runCli(args, env, '', dir)))
  for (const [index, [code, says, env, ...args]] of rows.entries()) {
    const { code: exit, stdout, stderr } = results[index]!
    const what = `${args.join(' ')} ${JSON.stringify(env)}`
    // What the limits of this machine are is no matter here.
    if (args[0] !== 'doctor') t.equal(exit, code, `${what}: ${stderr}`)
    t.ok(`${stdout}${stderr}`.includes(says), `${what}: ${stdout}${stderr}`)
  }
})

t.test('every command has a help with an example, and completion in three shells', async t => {
  const { stdout: overview } = await runCli(['--help'])
  const names = Array.from(overview.matchAll(/^ {2}([a-z]+) [[<]/gm), ([, name]) => name as string)
  t.ok(names.length >= 7, names.join(', '))
  const scripts = new Map<string, string>()
  for (const shell of ['bash', 'zsh', 'fish'])
    scripts.set(shell, (await runCli(['completion', shell])).stdout)
  const commands = [...names.filter(one => one !== 'audit'), 'audit report', 'audit suggest']
  const helps = await Promise.all(commands.map(name => runCli([...name.split(' '), '--help'])))
  for (const [index, name] of commands.entries()) {
    const stdout = helps[index]?.stdout ?? ''
    t.match(stdout, /Examples?:\n {2}\$ crossgate /, name)
    for (const [flag] of stdout.matchAll(/--[a-z-]+(?= <|$| {2})/gm)) {
      for (const [shell, script] of scripts)
        t.match(script, shell === 'fish' ? `-l ${flag.slice(2)}` : flag, `${shell} ${name}`)
    }
  }
  const dir = workDir(t, { 'completion.bash': scripts.get('bash') as string })
  const complete = (...words: string[]) =>
    execFileSync(
      'bash',
      [
        '-c',
        `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _crossgate; echo "\${COMPREPLY[*]}"`,
        'bash',
        join(dir, 'completion.bash'),
        ...words,
      ],
      { encoding: 'utf8' },
    ).trim()
  t.equal(complete('crossgate', 'ch'), 'check')
  t.equal(complete('crossgate', 'check', '--fail-on', ''), 'error warning info')
  t.equal(complete('crossgate', 'completion', ''), '--help bash zsh fish'.split(' ').join(' '))
  t.equal(complete('crossgate', 'diff', '--all'), '--allow-widening')
  t.equal(complete('crossgate', 'doctor', '--format', ''), 'text json')
  t.equal(complete('crossgate', 'audit', ''), '--help report suggest')
  t.equal(complete('crossgate', 'audit', 'report', '--to'), '--top')
  t.equal(complete('crossgate', 'audit', 'report', '--format', ''), 'text json html')
  t.equal(complete('crossgate', 'audit', 'suggest', '--mi'), '--min-count')
  t.equal(complete('crossgate', 'explain', '--expect', ''), 'allowed denied allow deny')
  t.equal(complete('crossgate', 'serve', '--audit-format', ''), 'native ecs ocsf')
  t.equal(complete('crossgate', 'serve', '--audit', ''), 'denied all')
  t.equal(complete('crossgate', 'serve', '--log-level', ''), 'debug info warn error silent')
  t.equal(complete('crossgate', 'serve', '--tracing', ''), 'off otel')
  t.equal(complete('crossgate', 'hel'), 'help')
  t.equal(complete('crossgate', 'help', 'ch'), 'check')
  t.equal(complete('crossgate', 'help', 'audit', ''), '--help report suggest')
  t.equal(complete('crossgate', 'help', 'check', ''), '')
  t.match(complete('crossgate', 'schema', 'routes.').split(' '), ['routes.id', 'routes.hosts'])
})

import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { runCommands } from '../helpers/commands.js'
import { freePort } from '../helpers/free-port.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { always, rawUpstream } from '../helpers/raw-upstream.js'
import { send } from '../helpers/send.js'
import { startUpstream } from '../helpers/upstream.js'
import { unmark } from '../policy/marked-policy.js'
import { REFUSALS } from '../policy/refusal-cases.js'
import type { RefusalCase } from '../policy/refusals/refusal-case.js'

const policyFor = (upstream: string): string => `
version: 1
upstreams: { api: { url: "${upstream}" } }
routes: [{ id: api, path: /**, upstream: api, cors: [{ allowOrigins: [https://app.example], allowMethods: [GET] }] }]
`

t.test('a bad policy prints its code at its line, exits 2 and opens no port', async t => {
  const dir = t.testdir()
  const byCode = [...new Map(REFUSALS.map(refusal => [refusal.code, refusal])).values()]
  const cases = byCode.map((refusal, index) => {
    const file = join(dir, `${index}.yaml`)
    const { text, expected } = unmark(refusal.policy)
    writeFileSync(file, text)
    return { refusal, file, expected }
  })
  t.ok(cases.length >= 80, `${cases.length} policies`)
  // `check` prints every code, in one process; that `serve` prints the same is seen by a process for every eighth.
  const checked = await runCommands(
    dir,
    cases.map(({ file }) => ['check', file]),
  )
  const reports = checked.map(({ stdout }) => stdout.slice(0, stdout.indexOf('checked the policy in')))
  for (const [index, { refusal, file, expected }] of cases.entries())
    t.match(reports[index], placeOf(refusal, file, expected), `${refusal.title}: code and place`)
  await Promise.all(
    cases.map(async ({ refusal, file }, index) => {
      if (index % 8 > 0) return
      const { code, stdout, stderr } = await runCli(['serve', '--policy', file, '--listen', '127.0.0.1:0'])
      t.equal(code, 2, `${refusal.title}: exit`)
      t.equal(stdout, '', `${refusal.title}: stdout is for reports`)
      t.equal(
        stderr,
        `${reports[index]}crossgate: the policy is invalid; nothing was started\n`,
        refusal.title,
      )
    }),
  )
})

t.test('the log ends with the stop, however late its lines are written', async t => {
  // Lines are written by a thread of a pool of one, which is busy from the signal on.
  const busy = `import { pbkdf2 } from 'node:crypto'
process.on('SIGTERM', () => pbkdf2('a', 'b', 100000, 64, 'sha512', () => {}))`
  const gateway = await startGateway(t, {
    policy: policyFor('http://127.0.0.1:9'),
    env: { UV_THREADPOOL_SIZE: '1' },
    nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(busy)}`],
  })
  t.equal(await gateway.stop(), 0)
  const events = Array.from(gateway.stderr().matchAll(/"event":"([^"]+)"/g), ([, event]) => event)
  t.strictSame(events.slice(-2), ['gateway.stopping', 'gateway.stopped'])
})

t.test('every mistake is shown at once, with its line, a caret and what to write', async t => {
  const dir = t.testdir({
    'policy.yaml':
      'version: 1\nupstreams: { api: { url: http://api.internal } }\nroutes:\n  - id: a\n    path: /**\n    upstream: apj\n    corz: []\n    cors:\n      - allowOrigins: [https://App.example]\n        allowMethods: [get]\n',
  })
  const { code, stderr } = await runCli(['serve', '--policy', join(dir, 'policy.yaml')])
  t.equal(code, 2)
  t.matchOnlyStrict(
    stderr.match(/policy\.yaml:\d+:\d+: error/g),
    [6, 7, 9, 10].map(line => new RegExp(`policy\\.yaml:${line}:\\d+: error`)),
  )
  for (const part of ['corz: []', '^^^^', 'did you mean', 'https://app.example', 'GET']) {
    t.ok(stderr.toLowerCase().includes(part.toLowerCase()), part)
  }
  t.match(stderr, /4 errors/)
  t.notMatch(stderr, /\u001b/, 'no colour into a pipe')
})

t.test('what is wrong outside the policy', async t => {
  for (const [what, args, env, says] of [
    ['no policy at all', [], {}, /--policy: it is required/],
    [
      'a policy that is not there',
      ['--policy', '/nowhere/policy.yaml'],
      {},
      /cannot read the policy at .*no such file/,
    ],
    ['an unknown flag', ['--polcy', 'x'], {}, /unknown option '--polcy'[\s\S]*--policy/],
    [
      'a bad setting',
      ['--policy', 'x'],
      { CROSSGATE_BODY_LIMIT: 'huge' },
      /CROSSGATE_BODY_LIMIT: "huge" is not a size/,
    ],
    [
      'a settings file that is not there',
      ['--policy', 'x', '--settings', '/nowhere.yaml'],
      {},
      /nowhere\.yaml/,
    ],
    [
      'settings from standard input',
      ['--policy', 'x', '--settings', '-'],
      {},
      /the settings cannot be read from standard input.*: name a file/,
    ],
  ] as const) {
    const { code, stdout, stderr } = await runCli(['serve', ...args], env)
    t.equal(code, 2, `${what}: exit`)
    t.match(stderr, says, what)
    t.notMatch(stderr, /\n {4}at /, `${what}: no stack`)
    t.equal(stdout, '', `${what}: stdout`)
  }
})

t.test('a directory of policies is merged; a duplicate names both files', async t => {
  const upstream = await startUpstream(t)
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  writeFileSync(join(gateway.dir, 'more.yaml'), `version: 1\nroutes: [{ id: b, path: /b, upstream: api }]\n`)
  writeFileSync(join(gateway.dir, 'more.test.yaml'), 'not: a policy\n')
  const both = await startGateway(t, { policy: '', flags: ['--policy', gateway.dir] })
  t.equal((await send(both.port, { path: '/b' })).status, 200)

  writeFileSync(
    join(gateway.dir, 'more.yaml'),
    `version: 1\nroutes: [{ id: api, path: /b, upstream: api }]\n`,
  )
  const { code, stderr } = await runCli(['serve', '--policy', gateway.dir])
  t.equal(code, 2)
  t.match(stderr, /more\.yaml/)
  t.match(stderr, /policy\.yaml/)
})

t.test('settings come from a file and from the environment too', async t => {
  const upstream = await startUpstream(t)
  const dir = t.testdir({
    'settings.yaml': 'audit: all\nbodyLimit: 1024\ntrustedProxies: [10.0.0.0/8, 192.0.2.7]\n',
    logs: {},
  })
  const gateway = await startGateway(t, {
    policy: policyFor(upstream.url),
    flags: ['--settings', join(dir, 'settings.yaml')],
    env: { CROSSGATE_AUDIT_FILE: join(dir, 'logs', 'audit.log') },
  })
  t.equal((await send(gateway.port, { method: 'POST', body: Buffer.alloc(1025) })).status, 413)
  t.ok(existsSync(join(dir, 'logs', 'audit.log')))
  t.match(
    readFileSync(join(dir, 'logs', 'audit.log'), 'utf8'),
    /"event":"policy.loaded"[\s\S]*"event":"cors.allowed"/,
  )
})

t.test('what is wrong with a settings file is said as of a policy', async t => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['listn: 127.0.0.1:80\n', ['s.yaml:1:1: error unknown-key', 'did you mean `listen`?']],
    ['a: b: c\n', ['s.yaml:1:4: error yaml-syntax', 'help: quote it']],
    ['- listen\n', ['s.yaml:1:1: error root-not-map  the settings file is a map with keys such as `policy`']],
    ['maxHeaders:\n', ['s.yaml:1:1: error wrong-type']],
    [
      'adminHosts: [a, 1, null]\n',
      [
        's.yaml:1:17: error wrong-type  an entry of `adminHosts` must be text, not a number',
        'help: quote it: "1"',
        's.yaml:1:20: error wrong-type  an entry of `adminHosts` must be text, not nothing',
        '2 errors\n',
      ],
    ],
    ['listen: !x 1\n', ['the settings file has no use for YAML tags such as `!x`']],
    ['%YAML 1.1\n---\nlisten: 1\n', ['the settings file is YAML 1.2 without directives']],
    ['a: &a 1\n<<: *a\n', ['the settings file says what it means in place']],
    ['policy: p.yaml\nlisten:   here\n', ['s.yaml:2:11: error bad-value  `listen`: "here" is not HOST:PORT']],
    [
      'policy: [a.yaml, b.yaml]\n',
      [
        's.yaml:1:9: error wrong-type  `policy` must be text, not a list',
        'help: write PATH; policy file, or',
      ],
    ],
    [
      'policy: 1\nlisten: 80\n',
      ['help: quote it: "1"', 'help: write HOST:PORT, such as 127.0.0.1:8080; where browsers reach'],
    ],
    ['listen: [127.0.0.1:0]\n', ['s.yaml:1:9: error wrong-type  `listen` must be text, not a list']],
    [
      'auditKeys: "100"\n',
      [
        's.yaml:1:12: error wrong-type  `auditKeys` must be a number, not text',
        'help: write 100 without quotes',
      ],
    ],
    [
      'auditKeys: many\n',
      ['`auditKeys` must be a number, not text', 'help: write N, such as 10000; different'],
    ],
    [
      'drainTimeout: null\n',
      [
        's.yaml:1:15: error wrong-type  `drainTimeout` must be text or a number, not nothing',
        'help: write TIME, such as 25s, or remove `drainTimeout`; time for requests in flight',
      ],
    ],
    ['audit: sample:0\n', ['"sample:0" has no whole number above 0 behind its colon, such as sample:100']],
    [
      'logLevel: inof\n',
      ['s.yaml:1:11: error bad-value  `logLevel`: "inof" is none of', 'did you mean `info`?'],
    ],
    [
      'trustedProxies: [10.0.0.0/8, 10.0.0.0/99]\n',
      ['s.yaml:1:30: error bad-value  an entry of `trustedProxies`: "10.0.0.0/99" is not an address or CIDR'],
    ],
    ['# policy: p.yaml\n', ['crossgate: --policy: it is required']],
    ['---\n# policy: p.yaml\n', ['crossgate: --policy: it is required']],
    ['null\n', ['crossgate: --policy: it is required']],
    ['!tag\n', ['s.yaml:1:5: error yaml-tag']],
  ]
  for (const [text, says] of rows) {
    const dir = t.testdir({ 's.yaml': text })
    const { code, stdout, stderr } = await runCli(['serve', '--settings', 's.yaml'], {}, '', dir)
    t.equal(code, 2, text)
    t.equal(stdout, '')
    for (const part of says) t.ok(stderr.includes(part), stderr)
  }
})

t.test('all mistakes of a settings file are told in one round', async t => {
  const dir = t.testdir({
    's.yaml': `policy: p.yaml
listn: here
auditKeys: [1]
bodyLimit: 1e2
adminHosts: [http://x, ok.internal, "*.svc", "foo:99", "::1"]
audit: sampel:3
unheard: of
`,
    'right.yaml': `listen: 127.0.0.1:0
admin: off
adminHosts: gateway, admin.internal.
audit: sample:3
auditKeys: 3
maxHeapPercent: 80
drainTimeout: 3
drainDelay: "0"
bodyLimit: 65536
workers: 1
tlsKey: ""
`,
  })
  const { code, stderr } = await runCli(['serve', '--settings', 's.yaml'], {}, '', dir)
  t.equal(code, 2)
  t.strictSame(
    Array.from(stderr.matchAll(/^s\.yaml:(\d+:\d+): error (\S+)/gm), ([, place, what]) => `${place} ${what}`),
    [
      '2:1 unknown-key',
      '2:8 bad-value',
      '3:12 wrong-type',
      '4:12 bad-value',
      '5:14 bad-value',
      '5:37 bad-value',
      '5:46 bad-value',
      '6:8 bad-value',
      '7:1 unknown-key',
    ],
    stderr,
  )
  const right = await runCli(['serve', '--settings', 'right.yaml', '--policy', 'no.yaml'], {}, '', dir)
  t.match(right, { code: 2, stderr: /^crossgate: cannot read the policy at no.yaml[^\n]*\n$/ })
})

t.test('paths of a settings file are relative to it, others to the working directory', async t => {
  const dir = t.testdir({
    'other.yaml': policyFor('nonsense'),
    conf: {
      'policy.yaml': policyFor('nonsense'),
      'good.yaml': policyFor('http://127.0.0.1:9'),
      'policy-is-here.yaml': 'policy: policy.yaml\n',
      'policy-is-gone.yaml': 'listen: 127.0.0.1:0\npolicy: gone.yaml\n',
      'ceiling-is-gone.yaml': 'policy: good.yaml\nceiling: ../gone.yaml\n',
      'tls-is-gone.yaml': 'policy: good.yaml\ntlsCert: tls/c.pem\ntlsKey: /tls/k.pem\n',
      'audit-is-gone.yaml': 'policy: good.yaml\nauditFile: logs/audit.log\n',
      'audit.yaml': 'auditFile: audit.log\n',
      'stdout.yaml': 'auditFile: "-"\nceiling: ""\n',
    },
  })
  const rows: readonly (readonly [readonly string[], Record<string, string>, string])[] = [
    [['policy-is-here'], {}, 'conf/policy.yaml:3:26: error'],
    [
      ['policy-is-gone'],
      {},
      'cannot read the policy at conf/gone.yaml: there is no such file or directory (from conf/policy-is-gone.yaml:2:9: policy)',
    ],
    [['policy-is-gone', '--policy', 'other.yaml'], {}, '\nother.yaml:3:26: error'],
    [['policy-is-gone'], { CROSSGATE_POLICY: 'other.yaml' }, '\nother.yaml:3:26: error'],
    [
      ['policy-is-gone'],
      { CROSSGATE_POLICY: 'gone.yaml' },
      'policy at gone.yaml: there is no such file or directory (from CROSSGATE_POLICY)\n',
    ],
    [
      ['policy-is-gone', '--policy', 'gone.yaml'],
      {},
      'policy at gone.yaml: there is no such file or directory\n',
    ],
    [
      ['ceiling-is-gone'],
      {},
      'the ceiling at gone.yaml: there is no such file or directory (from conf/ceiling-is-gone.yaml:2:10: ceiling)',
    ],
    [
      ['tls-is-gone'],
      {},
      'cannot read conf/tls/c.pem: there is no such file or directory (from conf/tls-is-gone.yaml:2:10: tlsCert)',
    ],
    [['audit-is-gone'], {}, 'conf/logs/audit.log: '],
    [['audit-is-gone'], {}, '(from conf/audit-is-gone.yaml:2:12: auditFile)'],
  ]
  for (const [[name, ...flags], env, says] of rows) {
    const { code, stderr } = await runCli(
      ['serve', '--settings', `conf/${name}.yaml`, '--admin', 'off', ...flags],
      env,
      '',
      dir,
    )
    t.equal(code, 2, stderr)
    t.ok(`\n${stderr}`.includes(says), `${name}: ${stderr}`)
  }
  const policy = policyFor('http://127.0.0.1:9')
  const toFile = ['--settings', join(dir, 'conf', 'audit.yaml')]
  const written = await startGateway(t, { policy, flags: toFile, recordsInFile: true })
  await written.stop()
  t.match(readFileSync(join(dir, 'conf', 'audit.log'), 'utf8'), '"event":"policy.loaded"')
  const shown = await startGateway(t, { policy, flags: ['--settings', join(dir, 'conf', 'stdout.yaml')] })
  await shown.record(({ event }) => event === 'policy.loaded')
})

t.test('a variable that nobody reads is told once, and the same address twice opens nothing', async t => {
  const dir = t.testdir({ 'p.yaml': policyFor('http://127.0.0.1:9') })
  const env = { CROSSGATE_BODYLIMIT: '1', CROSSGATE_WORKERS: '2', CROSSGATE_PORT: 'tcp://10.0.0.1:80' }
  const port = await freePort()
  const flags = ['--policy', 'p.yaml', '--listen', `127.0.0.1:${port}`, '--admin', `localhost:${port}`]
  const { code, stdout, stderr } = await runCli(['serve', ...flags], env, '', dir)
  t.equal(code, 2)
  t.equal(stdout, '')
  const [warning, error, rest] = stderr.split('\n')
  t.match(
    warning,
    'the variable CROSSGATE_BODYLIMIT is no setting and was ignored; did you mean CROSSGATE_BODY_LIMIT?',
  )
  t.match(error, `--listen 127.0.0.1:${port} and --admin localhost:${port} are the same address`)
  t.equal(rest, '')
})

t.test('SIGTERM lets what is in flight end, takes nothing new, and exits 0', async t => {
  let finish = (): void => {}
  const upstream = await startUpstream(t, (_, response) => {
    response.write('half')
    finish = () => response.end(' and half')
  })
  const gateway = await startGateway(t, { policy: policyFor(upstream.url) })
  const arrived = once(upstream.server, 'request')
  const answer = send(gateway.port)
  await arrived
  const stopped = gateway.stop()
  await refused(gateway.port)
  finish()
  t.equal((await answer).body, 'half and half')
  t.equal(await stopped, 0)
  t.match(gateway.stderr(), /gateway\.stopping[\s\S]*SIGTERM[\s\S]*gateway\.stopped/)
  for (const line of gateway.stderr().trim().split('\n')) t.equal(JSON.parse(line).level, 'info', line)
})

t.test('what does not end in the drain timeout is cut, and still exits 0', async t => {
  const upstream = await startUpstream(t, (_, response) => response.write('half'))
  const gateway = await startGateway(t, {
    policy: policyFor(upstream.url),
    flags: ['--drain-timeout', '300ms'],
  })
  const arrived = once(upstream.server, 'request')
  const answer = send(gateway.port)
  await arrived
  t.equal(await gateway.stop(), 0)
  t.equal((await answer).cut, true)
})

t.test('the log names the error behind a failed upstream, and the client does not hear of it', async t => {
  const silent = await startUpstream(t, () => {})
  for (const [policy, status, code] of [
    [policyFor(`http://127.0.0.1:${await freePort()}`), 502, 'ECONNREFUSED'],
    [
      policyFor(silent.url).replace(/(url: "[^"]*")/, '$1, timeouts: { headers: 100ms }'),
      504,
      'ERR_HEADERS_TIMEOUT',
    ],
  ] as const) {
    const gateway = await startGateway(t, { policy })
    const answer = await send(gateway.port)
    t.equal(answer.status, status)
    t.notMatch(answer.body, code)
    await gateway.stop()
    t.match(
      gateway.stderr(),
      new RegExp(`"event":"upstream.failed".*"url":"http://127.0.0.1:\\d+".*"code":"${code}"`),
    )
  }
})

t.test('the log says what is wrong with an answer that is no HTTP, in words of ours', async t => {
  for (const [answer, status, failure, detail] of [
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nSECRET',
      502,
      'bad-gateway',
      'there are two Content-Lengths',
    ],
    ['HTTP/1.1 600 SECRET\r\nContent-Length: 0\r\n\r\n', 502, 'bad-gateway', 'the status line is malformed'],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nSECRET\r\n',
      200,
      'cut',
      'a chunk size is malformed',
    ],
    ['HTTP/1.1 101 SECRET\r\n\r\n', 502, 'bad-gateway', 'its 101 is not what was asked for'],
    [
      'HTTP/1.1 103 SECRET\r\n\r\n'.repeat(40),
      502,
      'bad-gateway',
      'there are too many informational responses',
    ],
  ] as const) {
    const upstream = await rawUpstream(t, always(answer))
    const gateway = await startGateway(t, { policy: policyFor(upstream.origin) })
    t.equal((await send(gateway.port)).status, status)
    await gateway.stop()
    const lines = gateway
      .stderr()
      .split('\n')
      .filter(line => line.includes('upstream.failed'))
    t.match(
      lines.map(line => JSON.parse(line)),
      [{ failure, code: 'ERR_MALFORMED_RESPONSE', detail }],
    )
    t.notMatch(gateway.stderr(), 'SECRET')
  }
})

t.test('a port that is taken is said in one sentence', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const dir = t.testdir({ 'policy.yaml': policyFor('http://127.0.0.1:1') })
  const { code, stderr } = await runCli([
    'serve',
    '--policy',
    join(dir, 'policy.yaml'),
    '--listen',
    `127.0.0.1:${port}`,
  ])
  t.equal(code, 1)
  t.match(
    stderr,
    new RegExp(`^crossgate: cannot listen on 127.0.0.1:${port}: another process has this port.*--listen`),
  )
  t.equal(stderr.trim().split('\n').length, 1)
  const admin = ['--listen', '127.0.0.1:0', '--admin', `127.0.0.1:${port}`]
  const second = await runCli(['serve', '--policy', join(dir, 'policy.yaml'), ...admin])
  t.equal(second.code, 1)
  t.match(second.stderr, /another process has this port.*--admin HOST:PORT/)
})

t.test('an audit file that cannot be is one sentence, exit 2, and nothing is made', async t => {
  const dir = t.testdir({ 'policy.yaml': policyFor('http://127.0.0.1:1'), file: '' })
  for (const [path, says] of [
    ['file/x/audit.log', 'leads through a file'],
    ['lgos/audit.log', 'there is no directory'],
    ['.', 'it is a directory'],
  ] as const) {
    const { code, stderr } = await runCli([
      'serve',
      '--policy',
      join(dir, 'policy.yaml'),
      '--listen',
      '127.0.0.1:0',
      '--audit-file',
      join(dir, path),
    ])
    t.equal(code, 2, path)
    t.match(stderr, says)
    t.equal(stderr.trim().split('\n').length, 1, stderr)
  }
  t.notOk(existsSync(join(dir, 'lgos')))
})

t.test('--help lists every setting with its default; --version is the package’s', async t => {
  const help = await runCli(['serve', '--help'])
  t.equal(help.code, 0)
  for (const part of [
    '--policy <PATH>',
    'CROSSGATE_LISTEN',
    'default: 127.0.0.1:8080',
    '--drain-timeout',
    'Example:',
  ]) {
    t.ok(help.stdout.includes(part), part)
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.equal((await runCli(['--version'])).stdout.trim(), version)
})

function placeOf(
  { code }: RefusalCase,
  file: string,
  expected: { line: number; column: number } | undefined,
): RegExp {
  const place = expected === undefined ? '\\d+:\\d+' : `${expected.line}:${expected.column}`
  return new RegExp(`${file.replace(/[.]/g, '\\.')}:${place}: error ${code} `)
}

/** Resolves once the port takes no connections any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (!open) return
  }
}

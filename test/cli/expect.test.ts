import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type CommandResult, runCommands } from '../helpers/commands.js'

const POLICY = `version: 1
upstreams: { api: { url: http://api.internal } }
origins: { www: [https://www.acme.example] }
routes:
  - id: app
    path: /app/**
    upstream: api
    websocket: true
    cors: &rule [{ allowOrigins: [www], allowMethods: [GET, DELETE], allowHeaders: [content-type] }]
  - { id: strip, path: /strip/**, upstream: api, onDenied: strip, cors: *rule }
  - { id: tried, path: /tried/**, upstream: api, mode: report, cors: *rule }
`

interface Asked {
  readonly url?: string
  readonly origin?: string | undefined
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly preflight?: boolean
}

const APP = 'https://api.acme.example/app/x'
const WWW = 'https://www.acme.example'
const DELETE = { method: 'DELETE', headers: { authorization: 'Bearer x' } }

/** What a page is left with, and why; `why` is as the commands say it. */
const ROWS: readonly (readonly [what: string, Asked, 'allowed' | 'denied', why: string])[] = [
  ['a read', {}, 'allowed', 'origin-allowed'],
  ['a preflight that allows', { method: 'DELETE' }, 'allowed', 'origin-allowed'],
  ['a header that no rule lists', DELETE, 'denied', 'its preflight is denied: header-not-allowed'],
  [
    'a content type that is not safelisted, and listed',
    { method: 'DELETE', headers: { 'content-type': 'application/json' } },
    'allowed',
    'origin-allowed',
  ],
  ['a method that no rule lists', { method: 'PUT' }, 'denied', 'method-not-allowed'],
  ['no page', { ...DELETE, origin: undefined }, 'allowed', 'not-cors'],
  ['its own page', { ...DELETE, origin: 'https://api.acme.example' }, 'allowed', 'same-origin'],
  ['the preflight itself', { ...DELETE, preflight: true }, 'denied', 'header-not-allowed'],
  [
    'a preflight that no browser needs',
    { headers: { accept: '*/*' }, preflight: true },
    'allowed',
    'preflight-allowed',
  ],
  [
    'denials that only strip',
    { ...DELETE, url: 'https://api.acme.example/strip/x' },
    'denied',
    'its preflight is denied: header-not-allowed',
  ],
  [
    'report mode: as if it were enforced',
    { ...DELETE, url: 'https://api.acme.example/tried/x' },
    'denied',
    'its preflight is denied: header-not-allowed',
  ],
  [
    'a WebSocket, which has no preflight',
    { url: 'wss://api.acme.example/app/x', headers: { authorization: 'x' } },
    'allowed',
    'origin-allowed',
  ],
]

t.test('an expectation is about what the page gets, in `explain` and `test` alike', async t => {
  const tests = ROWS.flatMap(([what, request, outcome]) =>
    (['allowed', 'denied'] as const).map(expected => ({
      name: `${what}: ${expected}${outcome === expected ? '' : ' (not)'}`,
      request: { url: APP, origin: WWW, ...request },
      expect: { outcome: expected },
    })),
  )
  const dir = folder(t, { 'p.yaml': POLICY, 'p.test.yaml': JSON.stringify({ tests }) })
  const [tested, ...explained] = await runCommands(dir, [
    ['test', 'p.yaml'],
    ...ROWS.map(([, request]) => explain(request, '--expect', 'allow')),
    ...ROWS.map(([, request]) => explain(request, '--expect', 'deny')),
  ])
  t.equal(tested?.code, 1)
  for (const [index, [what, , outcome, why]] of ROWS.entries()) {
    const other = outcome === 'allowed' ? 'denied' : 'allowed'
    const [allow, deny] = [explained[index], explained[index + ROWS.length]] as [CommandResult, CommandResult]
    t.equal(allow.code, outcome === 'allowed' ? 0 : 1, what)
    t.equal(deny.code, outcome === 'denied' ? 0 : 1, what)
    const [kept, broken] = outcome === 'allowed' ? [allow, deny] : [deny, allow]
    t.equal(kept.stderr, '', what)
    const sentence = `outcome: expected ${other}, got ${outcome} (${why}, route `
    t.ok(broken.stderr.startsWith(`crossgate: ${sentence}`), broken.stderr)
    t.match(tested?.stdout, `  ok ${what}: ${outcome}\n`)
    t.ok(tested?.stdout.split(`FAIL ${what}: ${other} (not)\n`)[1]?.split('\n')[1]?.includes(sentence), what)
  }
})

t.test('the reason goes with the outcome; status and headers stay those of the answer asked for', async t => {
  const one = (name: string, expect: object, request: Asked = DELETE) => ({
    name,
    request: { url: APP, origin: WWW, ...request },
    expect,
  })
  const dir = folder(t, {
    'p.yaml': POLICY,
    'p.test.yaml': JSON.stringify({
      tests: [
        one('reason', { outcome: 'denied', reason: 'header-not-allowed', route: 'app', rule: 0, status: 0 }),
        one('own reason', { reason: 'origin-allowed' }),
        one('refused unread', { outcome: 'denied', status: 400 }, { method: 'gibberish' }),
        one('refused, not allowed', { outcome: 'allowed', status: 400 }, { method: 'gibberish' }),
        one('refused, no reason', { reason: 'method-not-allowed' }, { method: 'gibberish' }),
      ],
    }),
  })
  const [tested, text, json, unread] = await runCommands(dir, [
    ['test', 'p.yaml'],
    explain(DELETE),
    explain(DELETE, '--format', 'json'),
    explain({ method: 'gibberish' }, '--expect', 'allow'),
  ])
  t.equal(tested?.code, 1)
  t.match(tested?.stdout, / ok reason\n/)
  t.match(
    tested?.stdout,
    /FAIL own reason\n.*\n *reason: expected origin-allowed, got header-not-allowed \(its preflight\)\n/,
  )
  t.match(tested?.stdout, / ok refused unread\n/)
  t.match(
    tested?.stdout,
    /FAIL refused, not allowed\n.*\n *outcome: expected allowed, got denied \(the HTTP parser refuses/,
  )
  t.match(
    tested?.stdout,
    /reason: expected method-not-allowed, got none\n *the HTTP parser refuses the request with 400/,
  )
  t.match(text?.stdout, /^DELETE .*: its preflight is denied: header-not-allowed\n/)
  t.match(JSON.parse(json?.stdout ?? ''), {
    decision: { outcome: 'allowed', reason: 'origin-allowed' },
    verdict: { outcome: 'denied', reason: 'header-not-allowed', step: 'preflight' },
  })
  t.equal(unread?.code, 1)
  t.match(
    unread?.stderr,
    'crossgate: outcome: expected allowed, got denied (the HTTP parser refuses the request with 400',
  )
})

t.test('an outcome is said in either word, and a reason that is none is told what is near', async t => {
  const tests = (expect: object) =>
    JSON.stringify({ tests: [{ name: 'one', request: { url: APP, origin: WWW }, expect }] })
  const words = [
    ['allow', 0],
    ['allowed', 0],
    ['deny', 1],
    ['denied', 1],
  ] as const
  const reasons = [
    ['origin_allowed', 'did you mean `origin-allowed`?'],
    ['header-blocked', 'did you mean `header-not-allowed`?'],
    ['preflight-denied', 'did you mean one of preflight-allowed, preflight-malformed?'],
    ['x', 'it is one of not-cors, same-origin, '],
  ] as const
  const dir = folder(t, {
    'p.yaml': POLICY,
    ...Object.fromEntries(words.map(([word]) => [`p.${word}.test.yaml`, tests({ outcome: word })])),
    ...Object.fromEntries(reasons.map(([word]) => [`p.${word}.test.yaml`, tests({ reason: word })])),
    'p.misspelt.test.yaml': tests({ outcome: 'denyed' }),
  })
  const results = await runCommands(dir, [
    ...words.map(([word]) => ['test', `p.${word}.test.yaml`]),
    ...words.map(([word]) => explain({}, '--expect', word)),
    ...reasons.map(([word]) => ['test', `p.${word}.test.yaml`]),
    ['test', 'p.misspelt.test.yaml'],
  ])
  for (const [index, [word, code]] of [...words, ...words].entries())
    t.equal(results[index]?.code, code, word)
  for (const [index, [word, says]] of reasons.entries()) {
    const { code, stderr } = results[index + 2 * words.length] as CommandResult
    t.equal(code, 2, word)
    t.match(stderr, `\`reason\` cannot be \`${word}\`\n`)
    t.ok(stderr.includes(`help: ${says}`), stderr)
  }
  t.match(results.at(-1), { code: 2, stderr: /help: did you mean `denied`\?/ })
})

t.test('a policy and its expectations in each other’s place are one problem', async t => {
  const dir = folder(t, { 'p.yaml': POLICY, 'p.test.yaml': 'tests: []\n', 'q.test.yaml': POLICY })
  const [checked, tested] = await runCommands(dir, [
    ['check', 'p.test.yaml'],
    ['test', 'q.test.yaml'],
  ])
  t.match(checked, {
    code: 2,
    stdout: /^p.test.yaml:1:1: error other-file {2}this is a file of expectations,/,
  })
  t.match(checked?.stdout, /crossgate test[\s\S]*\n1 error\n/)
  t.match(tested, { code: 2, stderr: /^q.test.yaml:4:1: error other-file {2}this is a policy, and not the/ })
  t.match(tested?.stderr, /crossgate check[\s\S]*\n1 error\n/)
})

function explain(asked: Asked, ...more: string[]): readonly string[] {
  const { url, origin, method, headers = {}, preflight } = { url: APP, origin: WWW, ...asked }
  return [
    ...['explain', '--policy', 'p.yaml', '--url', url],
    ...(origin === undefined ? [] : ['--origin', origin]),
    ...(method === undefined ? [] : ['--method', method]),
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(preflight === true ? ['--preflight'] : []),
    ...more,
  ]
}

function folder(t: Test, files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

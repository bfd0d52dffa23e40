import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { loadPolicy } from '../../src/gateway/loading/load-policy.js'
import type { Problem } from '../../src/policy/problems/problem.js'
import { PROBLEM_CODES } from '../../src/policy/problems/problem-codes.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { pasteAll } from '../helpers/paste.js'
import { unmark, withOrigins, withTop } from './marked-policy.js'
import { NEAREST_VALID } from './nearest-valid.js'
import { REFUSALS } from './refusal-cases.js'

/** Every code that this file has seen come out, for the test that none is missing. */
const seen = new Set<string>()

for (const { title, code, policy, replacement, also = [] } of REFUSALS) {
  t.test(`${code}: ${title}`, async t => {
    const { text, expected } = unmark(policy)
    const result = resolvePolicy([{ file: 'policy.yaml', text }])
    t.equal(result.policy, undefined, 'the policy does not load')

    const problem = result.problems.find(found => found.code === code) as Problem
    t.ok(problem, `there is a problem ${code}`, { found: result.problems })
    seen.add(code)
    t.equal(problem.severity, 'error')
    t.not(problem.message, '')
    if (expected !== undefined) {
      const { line, column, endColumn } = problem
      // Two marks with nothing between them say only where.
      const end = Math.max(expected.endColumn, expected.column + 1)
      t.strictSame({ line, column, endColumn }, { ...expected, endColumn: end }, 'it is where it should be')
    }
    t.equal(problem.replacement, replacement, 'it has the right text to paste')
    const others = result.problems.filter(found => found.code !== code && !also.includes(found.code as never))
    t.strictSame(others, [], 'nothing else is wrong')
  })
}

t.test('a replacement, pasted over its place, leaves a policy without that problem', async t => {
  for (const { code, policy, replacement } of REFUSALS) {
    if (replacement === undefined) continue
    const { text } = unmark(policy)
    const found = problemsOf(text).filter(problem => problem.code === code)
    const left = problemsOf(pasteAll(text, found)).map(problem => problem.code)
    t.notOk(left.includes(code), `${code} is gone after pasting ${replacement}`)
  }
})

function problemsOf(text: string): readonly Problem[] {
  return resolvePolicy([{ file: 'policy.yaml', text }]).problems
}

t.test('all problems at once, in the order of the file, each once', async t => {
  const text = `version: 1
upstreams:
  u: { url: ftp://u, conections: 1 }
routes:
  - id: a
    path: a
    upstream: u
    mode: off
    cors:
      - allowOrigins: ["*", https://A.example, nobody]
        allowCredentials: true
        allowMethods: [get, TRACE]
        maxAge: 99h
  - id: a
    path: /b
    upstream: w
`
  const { problems } = resolvePolicy([{ file: 'policy.yaml', text }])
  t.strictSame(
    problems.map(({ line, column, code }) => `${line}:${column} ${code}`),
    [
      '3:13 upstream-scheme',
      '3:22 unknown-key',
      '6:11 path-not-absolute',
      '8:11 bad-value',
      '10:24 any-origin-not-alone',
      '10:24 any-origin-with-credentials',
      '10:29 origin-upper-case',
      '10:48 unknown-set',
      '12:24 method-case',
      '12:29 method-forbidden',
      '13:17 max-age-range',
      '16:15 unknown-upstream',
    ],
  )
})

t.test('a node that is reached by several aliases is reported once, where it stands', async t => {
  const text = `${withOrigins('https://a.example', 'exposeHeaders: &names [Set-Cookie]\nallowHeaders: *names')}`
  const { problems } = resolvePolicy([{ file: 'policy.yaml', text }])
  t.strictSame(
    problems.map(({ line, code }) => `${line} ${code}`),
    ['10 expose-forbidden', '10 header-forbidden'],
  )
})

t.test('a set with many insecure origins is one problem per rule, and names the first', async t => {
  const text = `${withOrigins('s')}origins: { s: [http://a.example, http://b.example, http://c.example] }\n`
  const { problems } = resolvePolicy([{ file: 'policy.yaml', text }])
  t.equal(problems.length, 1)
  t.match(problems[0]?.message, /the set `s` holds `http:\/\/a.example` and 2 more/)
})

t.test('a password in an upstream url is not repeated', async t => {
  const text = withTop('').replace('http://u.internal', 'http://me:hunter2@u.internal')
  const { problems } = resolvePolicy([{ file: 'policy.yaml', text }])
  t.notMatch(JSON.stringify(problems), /hunter2/)
})

const FILES: readonly {
  title: string
  code: string
  at: string
  files: Readonly<Record<string, string>>
  names?: string
}[] = [
  {
    title: 'an upstream in two files',
    code: 'duplicate-upstream',
    at: 'b.yaml:2:3',
    names: 'a.yaml:2:14',
    files: { 'a.yaml': withTop(''), 'b.yaml': 'upstreams:\n  u: { url: http://v }\n' },
  },
  {
    title: 'a set in two files',
    code: 'duplicate-set',
    at: 'b.yaml:1:12',
    names: 'a.yaml:5:12',
    files: {
      'a.yaml': withTop('origins: { s: [https://a.example] }'),
      'b.yaml': 'origins: { s: [https://b.example] }\n',
    },
  },
  {
    title: 'a route in two files',
    code: 'duplicate-route',
    at: 'b.yaml:1:17',
    names: 'a.yaml:4:11',
    files: { 'a.yaml': withTop(''), 'b.yaml': 'routes: [ { id: a, path: /b, upstream: u } ]\n' },
  },
  {
    title: 'the same requests in two files',
    code: 'route-clash',
    at: 'b.yaml:1:26',
    names: 'a.yaml:4:20',
    files: { 'a.yaml': withTop(''), 'b.yaml': 'routes: [ { id: b, path: /**, upstream: u } ]\n' },
  },
  {
    title: 'two versions',
    code: 'files-disagree',
    at: 'b.yaml:1:1',
    names: 'a.yaml:1:1',
    files: { 'a.yaml': withTop(''), 'b.yaml': 'version: 2\n' },
  },
  {
    title: 'different defaults',
    code: 'files-disagree',
    at: 'b.yaml:1:1',
    names: 'a.yaml:5:1',
    files: { 'a.yaml': withTop('defaults: { mode: report }'), 'b.yaml': 'defaults: { mode: enforce }\n' },
  },
  {
    title: 'different public origins',
    code: 'files-disagree',
    at: 'b.yaml:1:1',
    names: 'a.yaml:5:1',
    files: {
      'a.yaml': withTop('publicOrigins: [https://a.example]'),
      'b.yaml': 'publicOrigins: [https://b.example]\n',
    },
  },
  {
    title: 'routes that are a list here and a map there',
    code: 'files-disagree',
    at: 'b.yaml:1:1',
    files: { 'a.yaml': withTop(''), 'b.yaml': 'routes: { a: 1 }\n' },
  },
  {
    title: 'one of two files empty',
    code: 'file-empty',
    at: 'b.yaml:1:1',
    files: { 'a.yaml': withTop(''), 'b.yaml': '# later\n' },
  },
  {
    title: 'a file of 32 Mi characters',
    code: 'file-too-large',
    at: 'a.yaml:1:1',
    files: { 'a.yaml': `# ${'x'.repeat(32 * 1024 * 1024)}` },
  },
  { title: 'no file at all', code: 'no-policy-file', at: ':1:1', files: {} },
]

for (const { title, code, at, files, names } of FILES) {
  t.test(`${code}: ${title}`, async t => {
    const sources = Object.entries(files).map(([file, text]) => ({ file, text }))
    const { policy, problems } = resolvePolicy(sources)
    t.equal(policy, undefined)
    t.strictSame(
      problems.map(problem => `${problem.code} ${problem.file}:${problem.line}:${problem.column}`),
      [`${code} ${at}`],
    )
    if (names !== undefined) t.match(problems[0]?.message, names, 'it names the other place')
    seen.add(code)
  })
}

t.test('a switch that does nothing is a warning, and the policy loads', async t => {
  for (const name of [
    'dangerouslyAllowNullOrigin',
    'dangerouslyAllowInsecureOrigins',
    'dangerouslyAllowPublicSuffix',
  ]) {
    const { text, expected } = unmark(withOrigins('https://a.example', `«${name}»: true`))
    const { policy, problems } = resolvePolicy([{ file: 'policy.yaml', text }])
    t.ok(policy)
    t.match(problems, [{ code: 'switch-without-effect', severity: 'warning', ...expected }])
    seen.add('switch-without-effect')
  }
})

t.test('every code has a nearest policy that loads, and without it', async t => {
  t.strictSame(Object.keys(NEAREST_VALID).sort(), [...PROBLEM_CODES].sort(), 'none is missing')
  for (const [code, texts] of Object.entries(NEAREST_VALID)) {
    const files = [texts].flat().map((text, index) => ({ file: `${index}.yaml`, text }))
    const { policy, problems } = resolvePolicy(files)
    t.ok(policy, `${code}: its neighbour loads`, { problems })
    t.strictSame(problems, [], `${code}: its neighbour has no problem at all`)
  }
})

t.test('TLS files that no connection could use', async t => {
  const dir = t.testdir({ 'garbage.pem': 'nothing', 'half.pem': '' })
  const fixture = (name: string): string => resolve(import.meta.dirname, '../fixtures/tls', name)
  const [cert, key, ca] = ['server.pem', 'server-key.pem', 'ca.pem'].map(fixture)
  writeFileSync(
    join(dir, 'half.pem'),
    readFileSync(ca!, 'utf8')
      .repeat(2)
      .replace(/.{30}\n(?=-----END[\s\S]*-----END)/, '\n'),
  )
  for (const [what, tls, code, message] of [
    ['a CA that is none', '«ca: garbage.pem»', 'tls-unusable', /garbage.pem holds no PEM certificate/],
    ['a CA that is a key', `«ca: ${key}»`, 'tls-unusable', /holds no PEM certificate/],
    [
      'a CA that breaks off',
      '«ca: half.pem»',
      'tls-unusable',
      /holds 2 certificates, and number 1 cannot be read/,
    ],
    [
      'a certificate that is none',
      `«cert: garbage.pem», key: ${key}`,
      'tls-unusable',
      /garbage.pem holds no PEM certificate/,
    ],
    [
      'a key that is none',
      `cert: ${cert}, «key: garbage.pem»`,
      'tls-unusable',
      /garbage.pem holds no PEM private key/,
    ],
    [
      "another's key",
      `cert: ${cert}, «key: ${fixture('expired-key.pem')}»`,
      'tls-unusable',
      /expired-key.pem is not the key of .*server.pem/,
    ],
    [
      'a CA that is not there',
      '«ca: none.pem»',
      'tls-unreadable',
      /cannot read .*none.pem: there is no such file/,
    ],
    ['a directory', `«ca: ${dir}»`, 'tls-unreadable', /it is a directory/],
    ['files that are good', `ca: ${ca}, cert: ${cert}, key: ${key}`, undefined, / /],
  ] as const) {
    const { text, expected } = unmark(`version: 1
upstreams:
  u: { url: https://u.internal, tls: { ${tls} } }
routes: [{ id: a, path: /**, upstream: u }]
`)
    const file = join(dir, 'policy.yaml')
    writeFileSync(file, text)
    const served = loadPolicy(file, { serving: true })
    const checked = loadPolicy(file)
    t.equal(served.policy === undefined, code !== undefined, `${what}: is not served`)
    t.equal(checked.policy === undefined, code === 'tls-unusable', `${what}: as other commands see it`)
    if (code === undefined) continue
    t.match(served.problems, [{ code, severity: 'error', message, file, ...expected }], what)
    t.match(checked.problems, [{ code, severity: code === 'tls-unusable' ? 'error' : 'info' }], what)
    t.equal(served.problems.length, 1, `${what}: said once`)
    seen.add(code)
  }
})

t.test('every code is produced by a case above, and has its row in docs/problems.md', async t => {
  const rows = readFileSync(new URL('../../docs/problems.md', import.meta.url), 'utf8').matchAll(
    /^\| `([a-z0-9-]+)` \|/gm,
  )
  const documented = Array.from(rows, ([, code]) => code).sort()
  t.strictSame([...seen].sort(), [...PROBLEM_CODES].sort(), 'all are produced')
  t.strictSame(documented, [...PROBLEM_CODES].sort(), 'all are documented, each once, and no others')
})

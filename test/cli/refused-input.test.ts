import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCommands } from '../helpers/commands.js'

const GOOD = `version: 1
upstreams: { api: { url: http://api.internal } }
routes:
  - { id: orders, hosts: [api.shop.example], path: /orders/**, upstream: api, cors: [{ allowOrigins: [https://www.shop.example], allowMethods: [GET] }] }
`
const one = (name: string, request: string, expect: string) =>
  `  - { name: ${name}, request: { ${request} }, expect: { ${expect} } }\n`
const WWW = 'origin: https://www.shop.example'
const EVERY_FAULT = `policy: nope.yaml
today: 2027-13-01
tests:
${one('a', 'url: /orders, origin: www.shop.example', 'outcome: denied, x: 1')}${one('b', 'url: "https://api.shop.example/orders/1", origin: "https://www.shop.example/"', 'outcome: allowed')}`

t.test('who asks for JSON or Markdown hears in it that a policy is refused', async t => {
  const dir = t.testdir({
    'good.yaml': GOOD,
    'bad.yaml': 'x: 1\n',
    'forged.yaml': '"\\e[31mx": 1\n',
    'bad.test.yaml': `tests:\n${one('a', 'url: "https://a/"', '')}`,
  })
  const at = ['--url', 'https://api.shop.example/orders/1']
  const [checked, explained, tested, tap, junit, ...diffs] = await runCommands(dir, [
    ['check', 'bad.yaml', '--format', 'json'],
    ['explain', '--policy', 'bad.yaml', ...at, '--format', 'json'],
    ['test', 'bad.yaml', '--format', 'json'],
    ['test', 'bad.yaml', '--format', 'tap'],
    ['test', 'bad.yaml', '--format', 'junit'],
    ['diff', 'good.yaml', 'bad.yaml', '--format', 'json'],
    ['diff', 'bad.yaml', 'good.yaml', '--format', 'markdown'],
    ['diff', 'nothing.yaml', 'bad.yaml', '--format', 'markdown'],
    ['diff', 'good.yaml', 'bad.yaml'],
    ['diff', 'good.yaml', 'forged.yaml', '--format', 'markdown'],
  ])
  const [json, markdown, missing, text, forged] = diffs
  const { findings } = JSON.parse(checked?.stdout ?? '')
  t.ok(findings.length > 2)
  for (const result of [explained, tested, json]) {
    t.equal(result?.code, 2)
    t.match(JSON.parse(result?.stdout ?? ''), {
      valid: false,
      refused: [{ path: 'bad.yaml', message: 'the policy is invalid' }],
    })
    t.strictSame(JSON.parse(result?.stdout ?? '').findings, findings)
    t.match(result?.stderr, 'crossgate: the policy is invalid', 'people hear it, too')
  }
  t.match(tap?.stdout, /^not ok 1 - bad.yaml can be used[\s\S]*missing-key/m)
  t.match(junit?.stdout, /failures="1"[\s\S]*missing-key/)
  t.match(markdown, {
    code: 2,
    stdout:
      /^### CORS policy: refused\n\n`bad.yaml`: the policy is invalid\.\n\n[\s\S]*\| \*\*error\*\* \| `bad.yaml:1:1` \| `missing-key` /,
  })
  t.notMatch(markdown?.stdout, '..', 'sentences end once')
  t.match(missing, {
    code: 2,
    stdout: /`nothing.yaml`: cannot read the policy[\s\S]*`bad.yaml`: the policy is invalid/,
  })
  t.match(text, { code: 2, stdout: '' })
  t.notMatch(forged?.stdout, '\u001b', 'and nothing in it acts on a terminal')
})

t.test('all that is wrong with a file of expectations is told at once', async t => {
  const dir = t.testdir({
    'p.test.yaml': EVERY_FAULT,
    'p.yaml': GOOD,
    'q.test.yaml': `today: 2027-02-30\ntests:\n${one('a', 'url: "https://a/"', '')}`,
  })
  const [all, calendar] = await runCommands(dir, [
    ['test', 'p.test.yaml', '--format', 'json'],
    ['test', 'q.test.yaml', '--format', 'json'],
  ])
  t.equal(all?.code, 2)
  t.strictSame(
    JSON.parse(all?.stdout ?? '').findings.map(
      (found: { line: number; code: string }) => `${found.line} ${found.code}`,
    ),
    [
      '1 no-policy-file',
      '2 expires-date',
      '4 bad-value',
      '4 origin-scheme-missing',
      '4 unknown-key',
      '5 origin-trailing-slash',
    ],
  )
  t.match(all?.stderr, 'help: write a day of the calendar, as YYYY-MM-DD')
  t.match(calendar, { code: 2, stderr: /there is no 2027-02-30 in the calendar/ })
})

t.test('a denial that everybody gets passes for no other', async t => {
  const dir = t.testdir({ 'p.yaml': GOOD })
  const rows: readonly (readonly [name: string, request: string, expect: string, failure?: string])[] = [
    [
      'host',
      `url: "https://api.shop.exampl/orders/1", ${WWW}`,
      'outcome: denied',
      'host-not-found (nearest: orders, ',
    ],
    [
      'path',
      `url: "https://api.shop.example/order/1", ${WWW}`,
      'outcome: denied',
      'route-not-found (nearest: orders, ',
    ],
    [
      'header',
      `url: "https://api.shop.exampl/orders/1", ${WWW}`,
      'headers: { Access-Control-Allow-Origin: null }',
      'host-not-found',
    ],
    ['meant', `url: "https://api.shop.exampl/orders/1", ${WWW}`, 'outcome: denied, reason: host-not-found'],
    ['status', `url: "https://api.shop.exampl/orders/1", ${WWW}`, 'outcome: denied, status: 421'],
    ['rules', 'url: "https://api.shop.example/orders/1", origin: https://evil.example', 'outcome: denied'],
    [
      'malformed',
      'url: "https://api.shop.example/orders/1", origin: www.shop.example',
      'reason: origin-malformed',
    ],
  ]
  writeFileSync(
    join(dir, 'p.test.yaml'),
    `tests:\n${rows.map(([name, request, expect]) => one(name, request, expect)).join('')}`,
  )
  const [tested] = await runCommands(dir, [['test', 'p.yaml', '--format', 'json']])
  t.equal(tested?.code, 1)
  const cases = JSON.parse(tested?.stdout ?? '').suites[0].cases as { failures: string[] }[]
  for (const [index, [name, , , failure]] of rows.entries()) {
    const { failures = [] } = cases[index] ?? {}
    if (failure === undefined) t.strictSame(failures, [], name)
    else t.match(failures[0], `denied to everybody: ${failure}`, name)
  }
})

import { readFileSync } from 'node:fs'
import t from 'tap'
import { checkCeiling } from '../../src/policy/ceiling/check-ceiling.js'
import { readCeiling } from '../../src/policy/ceiling/read-ceiling.js'
import { CEILING_CODES } from '../../src/policy/problems/problem-codes.js'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { withOrigins, withRoute, withRuleOf } from './marked-policy.js'

const NOW = Date.parse('2027-01-01T12:00:00Z')

/** A bound, what is beyond it, and what is just within. */
const CASES: readonly (readonly [code: string, bound: string, beyond: string, within: string])[] = [
  [
    'ceiling-origin',
    'originsUnder: [shop.example]',
    withOrigins('https://ashop.example'),
    withOrigins('https://a.shop.example, https://shop.example:8443'),
  ],
  [
    'ceiling-origin',
    'originsUnder: [shop.example]',
    withOrigins('https://*.example.org', ''),
    withOrigins('https://*.shop.example', ''),
  ],
  [
    'ceiling-origin',
    'originsUnder: [shop.example]',
    withOrigins('"null"', 'dangerouslyAllowNullOrigin: true'),
    withOrigins('https://shop.example'),
  ],
  ['ceiling-any-origin', 'allowAnyOrigin: false', withOrigins('"*"', ''), withOrigins('https://a.example')],
  [
    'ceiling-any-origin',
    'originsUnder: [shop.example]',
    withOrigins('"*"', ''),
    withOrigins('https://shop.example'),
  ],
  [
    'ceiling-credentials',
    'allowCredentials: false',
    withOrigins('https://a.example'),
    withOrigins('https://a.example', ''),
  ],
  [
    'ceiling-method',
    'allowMethods: [GET, PUT]',
    withRuleOf('allowMethods: [GET, POST]'),
    withRuleOf('allowMethods: [PUT]'),
  ],
  [
    'ceiling-method',
    'allowMethods: [GET]',
    withRuleOf('allowMethods: ["*"]'),
    withRuleOf('allowMethods: [GET]'),
  ],
  [
    'ceiling-header',
    'allowHeaders: [X-A]',
    withRuleOf('allowMethods: [GET]\nallowHeaders: [x-b]'),
    withRuleOf('allowMethods: [GET]\nallowHeaders: [x-a]'),
  ],
  [
    'ceiling-expose',
    'exposeHeaders: [etag]',
    withRuleOf('allowMethods: [GET]\nexposeHeaders: ["*"]'),
    withRuleOf('allowMethods: [GET]\nexposeHeaders: [ETag]'),
  ],
  [
    'ceiling-max-age',
    'maxAge: 10m',
    withRuleOf('allowMethods: [GET]\nmaxAge: 601'),
    withRuleOf('allowMethods: [GET]\nmaxAge: 600'),
  ],
  [
    'ceiling-report',
    'reportDays: 14',
    withRoute('path: /**\nmode: report'),
    withRoute('path: /**\nmode: enforce'),
  ],
  [
    'ceiling-report',
    'reportDays: 14',
    withRoute('path: /**\nmode: report\nreportUntil: 2027-01-16'),
    withRoute('path: /**\nmode: report\nreportUntil: 2027-01-15'),
  ],
  [
    'ceiling-report',
    'reportDays: 14',
    withRoute('path: /**\nmode: report\nreportUntil: 2026-12-31'),
    withRoute('path: /**\nmode: report\nreportUntil: 2027-01-01'),
  ],
  [
    'ceiling-owner',
    'requireOwner: true',
    withOrigins('https://a.example'),
    withOrigins('{ origin: https://a.example, owner: me }'),
  ],
  [
    'ceiling-expiry',
    'requireExpiry: true',
    withOrigins('https://a.example'),
    withOrigins('{ origin: https://a.example, expires: 2027-12-31 }'),
  ],
]

for (const [code, bound, beyond, within] of CASES) {
  t.test(`${code}: ${bound}`, async t => {
    const found = against(bound, beyond)
    t.strictSame(
      found.map(problem => problem.code),
      [code],
    )
    t.match(found[0]?.message, `ceiling.yaml:2: ${bound}`, "the ceiling's own line is in the message")
    t.ok(found[0]?.suggestion)
    t.strictSame(against(bound, within), [])
  })
}

t.test('every code has a case above and a row in docs/policy.md', async t => {
  t.strictSame([...new Set(CASES.map(([code]) => code))].sort(), [...CEILING_CODES].sort())
  const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')
  for (const code of CEILING_CODES) t.match(page, `| \`${code}\` |`)
})

t.test('a ceiling is read as strictly as a policy', async t => {
  for (const [text, code] of [
    ['version: 1\noriginUnder: [a.example]\n', 'unknown-key'],
    ['originsUnder: [a.example]\n', 'missing-key'],
    ['version: 1\noriginsUnder: [https://a.example]\n', 'host-scheme'],
    ['version: 1\noriginsUnder: ["*.a.example"]\n', 'host-syntax'],
    ['version: 1\nmaxAge: soon\n', 'max-age-format'],
    ['version: 1\nmaxAge: 1500ms\n', 'max-age-format'],
    ['', 'file-empty'],
  ] as const) {
    const { ceiling, problems } = readCeiling({ file: 'ceiling.yaml', text })
    t.equal(ceiling, undefined)
    t.match(problems, [{ code }], text)
  }
})

function against(bound: string, policyText: string) {
  const { ceiling, problems } = readCeiling({ file: 'ceiling.yaml', text: `version: 1\n${bound}\n` })
  const { policy } = resolvePolicy([{ file: 'policy.yaml', text: policyText }])
  if (ceiling === undefined || policy === undefined)
    throw new Error(`${JSON.stringify(problems)}\n${policyText}`)
  return checkCeiling(policy, ceiling, NOW)
}

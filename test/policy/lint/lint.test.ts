import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { craftOrigins, craftSome } from '../../../src/cors/crafted-origins.js'
import { PAYLOADS } from '../../../src/cors/crafted-payloads.js'
import { parseOrigin } from '../../../src/cors/origin.js'
import { isEntry } from '../../../src/cors/origin-set.js'
import { loadPolicyFiles } from '../../../src/gateway/load-policy.js'
import type { CompiledPolicy } from '../../../src/policy/compiled-policy.js'
import { attackPolicy } from '../../../src/policy/lint/attack-policy.js'
import { intends } from '../../../src/policy/lint/intends.js'
import { lintPolicy } from '../../../src/policy/lint/lint-policy.js'
import { LINT_RULES } from '../../../src/policy/lint/lint-rules.js'
import { SUPPRESSION_CODES } from '../../../src/policy/lint/suppression.js'
import { unmark, withOrigins, withRuleOf } from '../marked-policy.js'
import { LINT_CASES } from './lint-cases.js'

const OPTIONS = { now: Date.parse('2027-01-01T00:00:00Z'), maxCredentialedOrigins: 20 }

for (const { code, catching, passing } of LINT_CASES) {
  t.test(code, async t => {
    const { text, expected } = unmark(catching)
    const found = lint(text).problems.find(problem => problem.code === code)
    t.ok(found, 'it is found')
    if (expected !== undefined && found !== undefined) {
      const { line, column } = found
      t.strictSame({ line, column }, { line: expected.line, column: expected.column }, 'where it stands')
    }
    t.ok(found?.suggestion, 'it says what to do')
    t.notOk(
      lint(unmark(passing).text).problems.some(problem => problem.code === code),
      'its neighbour is fine',
    )
  })
}

t.test('every rule has examples above and a row in the docs', async t => {
  const page = readFileSync(new URL('../../../docs/lint.md', import.meta.url), 'utf8')
  const documented = Array.from(page.matchAll(/^\| `([a-z-]+)` \|/gm), ([, code]) => code).sort()
  const codes = [...LINT_RULES.map(({ code }) => code), ...Object.keys(SUPPRESSION_CODES)].sort()
  t.strictSame(documented, codes, 'docs/lint.md')
  const seen = new Set([...LINT_CASES.map(({ code }) => code), 'attack-admitted'])
  t.strictSame([...seen].sort(), LINT_RULES.map(({ code }) => code).sort(), 'examples')
})

t.test('attack-admitted: a matcher with the classic mistake is found out, and ours is not', async t => {
  const policy = load(withOrigins('https://www.shop.example, https://*.a.example', ''))
  const clean = attackPolicy(policy, OPTIONS.now)
  t.strictSame(clean.admissions, [])
  t.ok(clean.tried > 100, `${clean.tried} tried`)

  const careless = attackPolicy(
    withMatcher(policy, (origin, entry) => origin.includes(entry.replace('https://', ''))),
    OPTIONS.now,
  )
  const classes = new Set(careless.admissions.map(({ crafted }) => crafted.class))
  t.match([...classes].sort(), /prefix/)
  t.ok(classes.has('suffix') && classes.has('subdomain') && classes.has('downgrade'), [...classes].join(', '))
  const { problems } = lintPolicy(
    withMatcher(policy, origin => origin.endsWith('.example')),
    [],
    OPTIONS,
  )
  t.match(
    problems.find(({ code }) => code === 'attack-admitted'),
    { severity: 'error' },
  )
})

t.test('every class is crafted for a plain target, and a long list meets every class too', async t => {
  const target = { scheme: 'https', host: 'www.shop.example', port: '' }
  const all = craftOrigins(target, 'attacker.example')
  const classes = new Set(all.map(one => one.class))
  t.strictSame(
    [...classes].sort(),
    [...new Set(PAYLOADS.map(each => each.class))].sort(),
    'no class is left out',
  )
  t.notOk(
    all.some(({ origin }) => origin === 'https://www.shop.example'),
    'none is the target itself',
  )
  const turns = Array.from({ length: 300 }, (_, turn) => craftSome(target, 'attacker.example', turn)).flat()
  t.strictSame(new Set(turns.map(({ origin }) => origin)), new Set(all.map(({ origin }) => origin)))
})

t.test('the second opinion says what the matcher says', async () => {
  const entries = [
    'https://a.test',
    'https://*.a.test',
    'https://a.test:*',
    'https://*.a.test:8443',
    'http://[::1]:3000',
  ]
  const policy = load(withOrigins(entries.map(entry => JSON.stringify(entry)).join(', '), ''))
  const set = policy.routes[0]?.corsPolicy.rules[0]?.origins[0]
  const part = fc.constantFrom('a', 'b', 'test', '.', ':', '8443', '3000', '[::1]', '`', '-', '_')
  const origins = fc.tuple(
    fc.constantFrom('https://', 'http://'),
    fc.array(part, { minLength: 1, maxLength: 7 }),
  )
  fc.assert(
    fc.property(origins, ([scheme, parts]) => {
      const text = scheme + parts.join('')
      const origin = parseOrigin(text)
      if (origin === undefined) return true
      return isEntry(set?.match(origin, 0)) === entries.some(entry => intends(entry, text))
    }),
    { numRuns: 5000 },
  )
})

const COMMENTED = (comment: string) => withRuleOf(`allowMethods: [GET]\nmaxAge: 3h ${comment}`)

t.test('a comment with code, last day and reason accepts a finding', async t => {
  const result = lint(COMMENTED('# crossgate-ignore max-age-over-cap until 2027-06-30: measured'))
  t.strictSame(result.problems, [])
  t.equal(result.suppressed, 1)
  const above = withRuleOf(
    'allowMethods: [GET]\n# crossgate-ignore max-age-over-cap until 2027-06-30: measured\n\n# more\nmaxAge: 3h',
  )
  t.strictSame(lint(above).problems, [], 'on a line of its own, it is about the next')
})

t.test('a comment that accepts nothing is a finding itself', async t => {
  for (const [comment, codes] of [
    ['# crossgate-ignore max-age-over-cap', ['max-age-over-cap', 'suppression-malformed']],
    ['# crossgate-ignore max-age-over-cap until 2027-06-30:', ['max-age-over-cap', 'suppression-malformed']],
    ['# crossgate-ignore max-age-over-cap: why', ['max-age-over-cap', 'suppression-malformed']],
    [
      '# crossgate-ignore max-age-over-cap until 2027-02-30: why',
      ['max-age-over-cap', 'suppression-malformed'],
    ],
    [
      '# crossgate-ignore max-age-over-cup until 2027-06-30: why',
      ['max-age-over-cap', 'suppression-malformed'],
    ],
    [
      '# crossgate-ignore max-age-over-cap until 2026-12-31: why',
      ['max-age-over-cap', 'suppression-expired'],
    ],
    ['# crossgate-ignore report-mode until 2027-06-30: why', ['max-age-over-cap', 'suppression-unused']],
  ] as const) {
    t.strictSame(
      lint(COMMENTED(comment))
        .problems.map(({ code }) => code)
        .sort(),
      codes,
      comment,
    )
  }
})

function load(text: string): CompiledPolicy {
  const { policy, problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  if (policy === undefined) throw new Error(`${JSON.stringify(problems)}\n${text}`)
  return policy
}

function lint(text: string) {
  return lintPolicy(load(text), [{ file: 'policy.yaml', text }], OPTIONS)
}

// The policy with a matcher that somebody might have written.
function withMatcher(
  policy: CompiledPolicy,
  holds: (origin: string, entry: string) => boolean,
): CompiledPolicy {
  const routes = policy.routes.map(route => {
    const rules = route.corsPolicy.rules.map(rule => ({
      ...rule,
      origins: rule.origins.map(set => ({
        ...set,
        match: (origin: { readonly text: string }) =>
          set.entries.find(entry => holds(origin.text, entry.text)),
      })),
    }))
    return { ...route, corsPolicy: { ...route.corsPolicy, rules } }
  })
  return { ...policy, routes }
}

import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { craftOrigins, craftSome } from '../../../src/attack/crafted-origins.js'
import { PAYLOADS } from '../../../src/attack/crafted-payloads.js'
import { findEntry } from '../../../src/cors/find-rule.js'
import { parseOrigin } from '../../../src/cors/origins/origin.js'
import { OriginSet } from '../../../src/cors/origins/origin-set.js'
import { loadPolicyFiles } from '../../../src/gateway/loading/load-policy.js'
import type { CompiledPolicy } from '../../../src/policy/compiled/compiled-policy.js'
import { attackAdmitted } from '../../../src/policy/lint/attack-admitted.js'
import { attackPolicy } from '../../../src/policy/lint/attack-policy.js'
import { attackSharedSuffix } from '../../../src/policy/lint/attack-shared-suffix.js'
import { intends } from '../../../src/policy/lint/intends.js'
import { lintPolicy } from '../../../src/policy/lint/lint-policy.js'
import { LINT_RULES } from '../../../src/policy/lint/lint-rules.js'
import { SUPPRESSION_CODES } from '../../../src/policy/lint/suppression.js'
import { unmark, withOrigins, withRuleOf } from '../marked-policy.js'
import { LINT_CASES } from './lint-cases.js'
import { suffixParentsModule } from './suffix-parents.js'

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

t.test('the hosts above shared suffixes are those of the public suffix list in use', async t => {
  const file = new URL('../../../src/policy/lint/shared-suffix-parents.ts', import.meta.url)
  const fresh = suffixParentsModule()
  if (process.env['UPDATE_SUFFIXES']) writeFileSync(file, fresh)
  t.equal(readFileSync(file, 'utf8'), fresh)
  t.match(fresh, /(^|\s)amazonaws\.com>/)
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
  const turns = Array.from({ length: TURNS }, (_, turn) => craftSome(target, 'attacker.example', turn)).flat()
  t.strictSame(new Set(turns.map(({ origin }) => origin)), new Set(all.map(({ origin }) => origin)))
})

/** In so many turns every variant has its own. */
const TURNS = 300

// The attack on a long list tries a few origins with each entry; what it reports is what trying all would report.
const ALL = Number.POSITIVE_INFINITY
const NEVER = 0

t.test('a long list is attacked to the same findings as a short one', async t => {
  const label = fc.constantFrom('a', 'b', 'shop', 'x-1')
  const suffix = fc.constantFrom('shop.example', 'github.io', 'vercel.app', 'co.uk', 'a.github.io')
  const entry = fc
    .tuple(
      fc.constantFrom('https://', 'http://', 'capacitor://'),
      fc.constantFrom('', '*.', '*.*'),
      fc.array(label, { maxLength: 2 }),
      suffix,
      fc.constantFrom('', '', ':8443', ':*'),
      fc.constantFrom('', '2026-12-31', '2027-06-30'),
    )
    .map(([scheme, wild, labels, host, port, expires]) => {
      const start = wild === '*.*' ? '*.' : wild
      const name = wild === '*.*' ? host : [...labels, host].join('.')
      const origin = JSON.stringify(`${scheme}${start}${name}${port}`)
      return expires === '' ? origin : `{ origin: ${origin}, expires: ${expires} }`
    })
  let findings = 0
  fc.assert(
    fc.property(fc.uniqueArray(entry, { minLength: 1, maxLength: 40 }), entries => {
      const switches = 'dangerouslyAllowPublicSuffix: true\ndangerouslyAllowInsecureOrigins: true'
      const policy = load(withOrigins(entries.join(', '), switches))
      const [all, few] = [ALL, NEVER].map(fullUpTo => attackFindings(policy, fullUpTo))
      findings += few?.length ?? 0
      return JSON.stringify(few) === JSON.stringify(all)
    }),
    { numRuns: 300, seed: 5 },
  )
  t.ok(findings > 300, `${findings} findings compared`)
})

t.test('a careless matcher is found out by the attack on a long list as by the full one', async t => {
  const [short, long] = [3, TURNS].map(length => {
    const entries = Array.from({ length }, (_, index) => `https://www.s${index}.example`)
    return load(withOrigins([...entries, 'https://*.a.example'].join(', '), ''))
  }) as [CompiledPolicy, CompiledPolicy]
  const bare = (text: string) => text.replace('https://', '').replace('*.', '')
  const CARELESS: Readonly<Record<string, (origin: string, entry: string) => boolean>> = {
    'contains the host': (origin, entry) => origin.includes(bare(entry)),
    'starts with it': (origin, entry) => origin.startsWith(entry),
    'ends with the host': (origin, entry) => origin.endsWith(bare(entry)),
    'is part of it': (origin, entry) => origin.length > 10 && entry.includes(origin),
    'a dot is any character': (origin, entry) =>
      new RegExp(`^${entry.replace('*.', '').replaceAll('-', '\\-')}$`).test(origin),
    'any scheme': (origin, entry) => origin.replace(/^http:/, 'https:') === entry,
    'any port': (origin, entry) => origin.replace(/:\d+$/, '') === entry,
    'a trailing dot is nothing': (origin, entry) => origin.replace(/\.$/, '') === entry,
    'what stands before a quote': (origin, entry) => origin.replace(/["'`{}|^].*$/, '') === entry,
    'what stands before a comma': (origin, entry) => origin.split(/[,;!]/)[0] === entry,
    'one special character': (origin, entry) => origin.split('=')[0] === entry,
    'siblings too': (origin, entry) => entry.endsWith(origin.slice(origin.indexOf('.'))),
  }
  for (const [name, holds] of Object.entries(CARELESS)) {
    for (const [policy, fullUpTo] of [[short, ALL] as const, [long, NEVER] as const]) {
      const codes = attackFindings(withMatcher(policy, holds), fullUpTo).map(({ code }) => code)
      t.strictSame([...new Set(codes)], ['attack-admitted'], `${name}, ${fullUpTo === ALL ? 'all' : 'few'}`)
    }
  }
})

function attackFindings(policy: CompiledPolicy, fullUpTo: number) {
  const attack = attackPolicy(policy, OPTIONS.now, fullUpTo)
  return [attackAdmitted, attackSharedSuffix].flatMap(({ code, check }) =>
    [...check({ policy, ...OPTIONS, attack })].map(finding => ({ code, ...finding })),
  )
}

t.test('the second opinion says what the matcher says', async () => {
  const entries = [
    'https://a.test',
    'https://*.a.test',
    'https://a.test:*',
    'https://*.a.test:8443',
    'http://[::1]:3000',
  ]
  const policy = load(withOrigins(entries.map(entry => JSON.stringify(entry)).join(', '), ''))
  const sets = policy.routes[0]?.corsPolicy.rules[0]?.origins ?? []
  const part = fc.constantFrom('a', 'b', 'test', '.', ':', '8443', '3000', '[::1]', '`', '-', '_')
  const origins = fc.tuple(
    fc.constantFrom('https://', 'http://'),
    fc.array(part, { minLength: 1, maxLength: 7 }),
  )
  fc.assert(
    fc.property(origins, ([scheme, parts]) => {
      const text = scheme + parts.join('')
      if (parseOrigin(text) === undefined) return true
      return (findEntry(sets, text, 0) !== undefined) === entries.some(entry => intends(entry, text))
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
  const seen = new Set<string>()
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
    const found = lint(COMMENTED(comment)).problems.map(({ code }) => code)
    for (const code of found) seen.add(code)
    t.strictSame(found.sort(), codes, comment)
  }
  // Their neighbour that is no finding is the comment of the test before.
  for (const code of Object.keys(SUPPRESSION_CODES)) t.ok(seen.has(code), code)
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
class CarelessSet extends OriginSet {
  readonly #holds: (origin: string, entry: string) => boolean

  constructor({ entries, index }: OriginSet, holds: (origin: string, entry: string) => boolean) {
    super(entries, index)
    this.#holds = holds
  }

  override findExact(header: string): number {
    return [...this.entries].findIndex(entry => this.#holds(header, entry.text))
  }

  override findWildcard(): number {
    return -1
  }
}

function withMatcher(
  policy: CompiledPolicy,
  holds: (origin: string, entry: string) => boolean,
): CompiledPolicy {
  const routes = policy.routes.map(route => {
    const rules = route.corsPolicy.rules.map(rule => ({
      ...rule,
      origins: rule.origins.map(set => new CarelessSet(set, holds)),
    }))
    return { ...route, corsPolicy: { ...route.corsPolicy, rules } }
  })
  return { ...policy, routes }
}

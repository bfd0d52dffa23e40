import t from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { eachOrigin } from '../../src/policy/resolved/origin-sets.js'
import { type Grant, grantOrigin } from '../../src/policy/suggestions/grant-origins.js'

// What a reviewer sees: the lines that an addition changes, in the style that the file has.

const HEAD = `version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes:
  - id: api # the shop's
    path: /**
    upstream: api
`
const LONG = 'https://a-rather-long-name-for-a-host.www.shop.example'

/** Adds origins to a route one after the other, and holds that the policy loads with all of them. */
function grant(route: string, names: readonly string[], more: Partial<Grant> = {}): string {
  let text = HEAD + route
  for (const name of names) {
    const asked = { origin: `https://${name}.example`, route: 'api', rule: 0, evidence: name }
    const lists = { methods: ['GET'], headers: [], exposed: [] }
    const [edited] = grantOrigin([{ file: 'policy.yaml', text }], { ...asked, ...lists, ...more }) ?? []
    if (edited === undefined) throw new Error(`by hand: ${name}`)
    text = edited.text
  }
  const { policy, problems } = resolvePolicy([{ file: 'policy.yaml', text }])
  t.strictSame(problems, [], text)
  const hosts =
    policy === undefined
      ? []
      : [...eachOrigin(policy)].map(({ pattern }) => 'host' in pattern && pattern.host)
  for (const name of names) t.ok(hosts.includes(`${name}.example`), text)
  return text.slice(HEAD.length)
}

t.test('a list in one line stays there while it fits', async t => {
  t.equal(
    grant('    cors:\n      - allowOrigins: [https://a.example] # ours\n        allowMethods: [GET]\n', [
      'b',
    ]),
    '    cors:\n      # b\n      - allowOrigins: [https://a.example, https://b.example] # ours\n        allowMethods: [GET]\n',
  )
})

t.test('a list that would be too long is broken, an origin on a line, and grows by lines', async t => {
  const rule = `    cors:
      - allowOrigins: &shop [&www ${LONG}, { origin: https://a.example, owner: me }] # ours, all
        allowMethods: [GET]
`
  const broken = `    cors:
      - allowOrigins: &shop [
            &www ${LONG},
            { origin: https://a.example, owner: me },
            # partner
            https://partner.example,
            # other
            https://other.example,
          ] # ours, all
        allowMethods: [GET]
`
  t.equal(grant(rule, ['partner', 'other']), broken)
  const windows = grant(rule.replaceAll('\n', '\r\n'), ['partner', 'other'])
  t.equal(windows.replaceAll('\r\n', '\n').slice(rule.indexOf('    cors:')), broken)
})

t.test('a list in a rule of one line is broken inside of it', async t => {
  const rules = `    cors: [{ allowOrigins: [&first ${LONG}, https://b.example], allowMethods: [GET] }]\n`
  t.equal(
    grant(rules, ['partner']),
    `    cors: [{ allowOrigins: [
        &first ${LONG},
        https://b.example,
        # partner
        https://partner.example,
      ], allowMethods: [GET] }]
`,
  )
})

t.test('a list over several lines grows by lines, with or without a last comma', async t => {
  for (const [last, after] of [
    ['https://b.example', 'https://b.example,'],
    ['https://b.example # old, but used', 'https://b.example, # old, but used'],
    ['https://b.example, # old', 'https://b.example, # old'],
  ] as const) {
    const comma = last.includes('example,') ? ',' : ''
    const list = (items: string) =>
      `    cors:\n      - allowMethods: [GET]\n        allowOrigins: [\n          # ours\n          https://a.example,\n          ${items}\n        ]\n`
    t.equal(grant(list(last), ['c']), list(`${after}\n          # c\n          https://c.example${comma}`))
  }
  const aligned =
    '    cors: [{ allowMethods: [GET], allowOrigins: [https://a.example,\n            https://b.example] }]\n'
  t.equal(
    grant(aligned, ['c']),
    aligned.replace('b.example', 'b.example,\n            # c\n            https://c.example'),
  )
})

t.test('a list of lines grows by a line', async t => {
  const rule = `    cors:
      - allowOrigins:
          - https://a.example # ours
          # see the ticket
          - { origin: https://b.example, owner: me }

        allowMethods: [GET]
`
  const added = `owner: me }\n          # c\n          - https://c.example\n`
  t.equal(grant(rule, ['c']), rule.replace('owner: me }\n', added))
})

t.test('what an alias repeats elsewhere is left to be edited by hand', async t => {
  const other = '  - id: other\n    path: /other\n    upstream: api\n'
  const list = `    cors:\n      - allowOrigins: &shop [${LONG}]\n        allowMethods: [GET]\n`
  t.throws(
    () => grant(`${list}${other}    cors: [{ allowOrigins: *shop, allowMethods: [PUT] }]\n`, ['c']),
    /by hand/,
  )
  const rules = list.replace('cors:', 'cors: &rules').replace('&shop ', '')
  t.throws(() => grant(`${rules}${other}    cors: *rules\n`, ['c']), /by hand/)
  t.throws(() => grant(`${rules}${other}    cors: *rules\n`, ['c'], { rule: undefined }), /by hand/)
})

t.test('a new rule is written as the last one is', async t => {
  const more = { rule: undefined, headers: ['content-type'], exposed: ['x-total-count'] }
  const flow = '    cors:\n      - { allowOrigins: [https://a.example], allowMethods: [GET] }\n'
  t.equal(
    grant(flow, ['c'], more),
    `${flow}      # c
      - { allowOrigins: [https://c.example], allowMethods: [GET], allowHeaders: [content-type], exposeHeaders: [x-total-count] }
`,
  )
  const rest =
    '        allowMethods: [GET]\n        allowHeaders: [content-type]\n        exposeHeaders: [x-total-count]\n'
  const inLine = '    cors:\n      - allowOrigins: [https://a.example]\n        allowMethods: [GET]\n'
  t.equal(
    grant(inLine, ['c'], more),
    `${inLine}      # c\n      - allowOrigins: [https://c.example]\n${rest}`,
  )
  const lines = '      # c\n      - allowOrigins:\n          - https://c.example\n'
  const block =
    '    cors:\n      - allowOrigins:\n          - https://a.example\n        allowMethods: [GET]\n'
  t.equal(grant(block, ['c'], more), `${block}${lines}${rest}`)
  t.equal(grant('', ['c'], more), `    cors:\n${lines}${rest}`, 'the first')
})

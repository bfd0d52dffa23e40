import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'
import { pasteAll } from '../helpers/paste.js'

// The example policy, broken as a new user would: each message names the line, and its fix works when pasted.

const EXAMPLE = readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8')

const BREAKS: readonly (readonly [what: string, from: string, to: string, code: string])[] = [
  [
    'a misspelt key',
    'allowMethods: [GET, POST, PUT, DELETE]',
    'allowMethod: [GET, POST, PUT, DELETE]',
    'unknown-key',
  ],
  ['a misspelt set', 'allowOrigins: [storefront]', 'allowOrigins: [storfront]', 'unknown-set'],
  ['a misspelt upstream', 'upstream: sample', 'upstream: sampel', 'unknown-upstream'],
  [
    'a slash after the origin',
    'origin: http://127.0.0.1:8090,',
    'origin: http://127.0.0.1:8090/,',
    'origin-trailing-slash',
  ],
  [
    'an origin as it is written on a business card',
    'origin: http://127.0.0.1:8090,',
    'origin: www.shop.example,',
    'origin-scheme-missing',
  ],
  [
    'an upper-case origin',
    'origin: http://127.0.0.1:8090,',
    'origin: https://Shop.Example,',
    'origin-upper-case',
  ],
  ['a Unicode origin', 'origin: http://127.0.0.1:8090,', 'origin: https://bücher.example,', 'origin-unicode'],
  [
    'a default port',
    'origin: http://127.0.0.1:8090,',
    'origin: https://shop.example:443,',
    'origin-default-port',
  ],
  ['an unquoted star', 'allowOrigins: ["*"]', 'allowOrigins: [*]', 'yaml-alias'],
  ['a method in lower case', 'allowMethods: [GET, POST]', 'allowMethods: [get, POST]', 'method-case'],
  ['a path without its slash', 'path: /profile', 'path: profile', 'path-not-absolute'],
  [
    'a misspelt key that a rule needs',
    '- allowOrigins: [storefront]',
    '- allowOrigin: [storefront]',
    'unknown-key',
  ],
  ['a misspelt key that a policy needs', 'routes:\n', 'route:\n', 'unknown-key'],
  ['a version in quotes', 'version: 1', 'version: "1"', 'bad-value'],
  ['a version with a point', 'version: 1', 'version: "1.0"', 'bad-value'],
  ['yes for true', 'allowCredentials: true', 'allowCredentials: yes', 'wrong-type'],
  ['true in quotes', 'allowCredentials: true', 'allowCredentials: "true"', 'wrong-type'],
  ['a key without its colon', 'path: /login', 'path /login', 'yaml-syntax'],
  ['a key without its space', 'path: /login', 'path:/login', 'yaml-syntax'],
  ['a dash without its space', '- id: login', '-id: login', 'yaml-syntax'],
  [
    'a bracket that is not closed',
    'allowMethods: [GET, PUT, DELETE]',
    'allowMethods: [GET, PUT, DELETE',
    'yaml-syntax',
  ],
  ['a quote that is not closed', 'maxAge: 10m', 'maxAge: "10m', 'yaml-syntax'],
  ['a tab', '    path: /login', '\tpath: /login', 'yaml-syntax'],
  [
    'http with credentials',
    'origin: http://127.0.0.1:8090,',
    'origin: http://www.shop.example,',
    'insecure-origin-with-credentials',
  ],
]

for (const [what, from, to, code] of BREAKS) {
  t.test(what, async t => {
    t.ok(EXAMPLE.includes(from), 'the example still has it')
    const text = EXAMPLE.replace(from, to)
    const line = text.slice(0, text.indexOf(to)).split('\n').length
    const { policy, problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
    t.equal(policy, undefined)
    const found = problems.filter(problem => problem.code === code)
    const places = found.flatMap(problem => [problem.line, problem.replacementAt?.line])
    t.ok(places.includes(line), `line ${line} is named: ${places.join(', ')}`)
    t.ok(found[0]?.suggestion, 'there is a suggestion')
    t.notMatch(found[0]?.message, /compact mappings|implicit key|indicator|token/, 'in words of people')
    t.strictSame(
      loadPolicyFiles([{ file: 'policy.yaml', text: pasteUntilDone(text) }]).problems,
      [],
      'the pasted fixes work',
    )
  })
}

t.test('rules that are no list are made one', async t => {
  const rule = (indent: string) =>
    `${indent}allowOrigins: [https://a.example]\n${indent}allowMethods: [GET]\n`
  const route =
    'version: 1\nupstreams: { u: { url: http://u } }\nroutes:\n  - id: a\n    path: /**\n    upstream: u\n'
  for (const cors of [
    `    cors:\n${rule('      ')}`,
    `    cors:\n${rule('        ')}`,
    '    cors: { allowOrigins: [https://a.example], allowMethods: [GET] }\n',
  ]) {
    const { problems } = loadPolicyFiles([{ file: 'policy.yaml', text: route + cors }])
    t.match(problems, [{ code: 'wrong-type', suggestion: /^write it as a list: / }])
    const { policy } = loadPolicyFiles([{ file: 'policy.yaml', text: pasteUntilDone(route + cors) }])
    t.equal(policy?.routes[0]?.cors.length, 1, cors)
  }
  const narrow = loadPolicyFiles([{ file: 'policy.yaml', text: `${route}    cors:\n${rule('     ')}` }])
  t.match(narrow.problems, [{ code: 'wrong-type', suggestion: /^write it as a list: / }])
  t.equal(narrow.problems[0]?.replacement, undefined, 'no room for the dash')
})

t.test('a variable is said to be none, wherever it stands', async t => {
  for (const [from, to] of [
    ['[https://a.example]', `[\${ORIGIN}]`],
    ['[https://a.example]', `["\${ORIGIN}"]`],
    ['[https://a.example]', '[$ORIGIN]'],
    ['[https://a.example]', `[https://\${HOST}]`],
    ['[https://a.example]', '[{{ .Values.origin }}]'],
    ['[https://a.example]', `\n          - \${ORIGIN}`],
    ['{ url: http://u }', `{ url: \${URL} }`],
    ['{ url: http://u }', `{ url: "http://\${HOST}:8080" }`],
  ] as const) {
    const text = `version: 1
upstreams: { u: { url: http://u } }
routes:
  - id: a
    path: /**
    upstream: u
    cors:
      - allowOrigins: [https://a.example]
        allowMethods: [GET]
`.replace(from, () => to)
    const { problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
    t.match(problems[0]?.suggestion, /^there are no variables in a policy/, to.trim())
    t.equal(problems[0]?.replacement, undefined)
    const line = text.split('\n').findIndex(each => /\$|\{\{/.test(each)) + 1
    t.equal(problems[0]?.line, line)
  }
  const path =
    'version: 1\nupstreams: { u: { url: http://u/$base } }\nroutes: [{ id: a, path: /**, upstream: u }]\n'
  t.ok(loadPolicyFiles([{ file: 'policy.yaml', text: path }]).policy, 'a dollar in a path is one')
})

t.test('a line that is indented by one or two too many or too few is mended by pasting', async t => {
  const lines = EXAMPLE.split('\n').filter(line => /^\s*[^\s#]/.test(line))
  const unmended: string[] = []
  let refused = 0
  for (const by of [-2, -1, 1, 2]) {
    for (const [index, line] of lines.entries()) {
      const indent = line.search(/\S/) + by
      if (indent < 0) continue
      const text = lines.with(index, ' '.repeat(indent) + line.trimStart()).join('\n')
      const codes = loadPolicyFiles([{ file: 'policy.yaml', text }]).problems.map(({ code }) => code)
      if (!codes.includes('yaml-syntax')) continue
      refused++
      const { problems } = loadPolicyFiles([{ file: 'policy.yaml', text: pasteUntilDone(text) }])
      if (problems.length > 0) unmended.push(`${by}: ${line}: ${problems[0]?.message}`)
    }
  }
  t.ok(refused > 100, `${refused} texts are refused`)
  t.strictSame(unmended, [])
})

/** One mistake may hide behind another. */
function pasteUntilDone(broken: string): string {
  let text = broken
  for (let round = 0; round < 50; round++) {
    const pasted = pasteAll(text, loadPolicyFiles([{ file: 'policy.yaml', text }]).problems)
    if (pasted === text) break
    text = pasted
  }
  return text
}

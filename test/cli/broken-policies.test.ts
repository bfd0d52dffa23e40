import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadPolicyFiles } from '../../src/gateway/load-policy.js'

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
    if (code !== 'insecure-origin-with-credentials') {
      t.ok(
        found.some(problem => problem.line === line),
        `line ${line} is named`,
      )
    }
    t.ok(found[0]?.suggestion, 'there is a suggestion')
    const pasted = pasteAll(text)
    if (code === 'insecure-origin-with-credentials') {
      // The set stands elsewhere, so the fix is said and not pasted.
      t.match(found[0]?.suggestion, 'https://www.shop.example')
      return
    }
    t.strictSame(
      loadPolicyFiles([{ file: 'policy.yaml', text: pasted }]).problems,
      [],
      'the pasted fixes work',
    )
  })
}

/** Puts every replacement in its place, as an editor's quick fix would, until there is nothing left to fix. */
function pasteAll(text: string): string {
  const { problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  const fixable = problems.filter(({ replacement }) => replacement !== undefined)
  const lines = text.split('\n')
  for (const { line, column, endColumn, replacement } of [...fixable].reverse()) {
    const old = lines[line - 1] as string
    lines[line - 1] = old.slice(0, column - 1) + replacement + old.slice(endColumn - 1)
  }
  return lines.join('\n')
}

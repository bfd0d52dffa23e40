import t from 'tap'
import type { Finding } from '../../src/report/finding.js'
import { formatText } from '../../src/report/text.js'

function finding(parts: Partial<Finding>): Finding {
  return {
    file: 'policy.yaml',
    line: 1,
    column: 1,
    endColumn: 2,
    code: 'unknown-key',
    severity: 'error',
    message: '`orgins` is not a key',
    ...parts,
  }
}

function print(source: string, parts: Partial<Finding>): string[] {
  const sources = new Map([['policy.yaml', source]])
  return formatText([finding(parts)], { sources, colour: false }).split('\n')
}

t.test('a finding with its line, its caret and what to do', async t => {
  const text = 'version: 1\nroutes:\n  orgins: []\n'
  t.strictSame(print(text, { line: 3, column: 3, endColumn: 9, suggestion: 'did you mean `origins`?' }), [
    'policy.yaml:3:3: error unknown-key  `orgins` is not a key',
    '  3 |   orgins: []',
    '    |   ^^^^^^',
    '    help: did you mean `origins`?',
    '',
    '1 error',
  ])
})

t.test('the gutter is as wide as the line number', async t => {
  const lines = print(`${'\n'.repeat(1233)}x: 1\n`, { line: 1234, suggestion: 'no' })
  t.strictSame(lines.slice(1, 4), ['  1234 | x: 1', '       | ^', '       help: no'])
})

t.test('the count at the end', async t => {
  const count = (...severities: Finding['severity'][]) =>
    formatText(
      severities.map(severity => finding({ severity })),
      { sources: new Map(), colour: false },
    )
      .split('\n')
      .at(-1)
  t.equal(count(), 'no problems')
  t.equal(count('error'), '1 error')
  t.equal(count('warning', 'error', 'error', 'error'), '3 errors, 1 warning')
  t.equal(count('info', 'info', 'warning', 'warning'), '2 warnings, 2 notes')
})

t.test('a finding whose text is not at hand is printed without it', async t => {
  const text = formatText([finding({ file: 'other.yaml' })], { sources: new Map(), colour: false })
  t.equal(text, 'other.yaml:1:1: error unknown-key  `orgins` is not a key\n\n1 error')
  t.strictSame(print('x\n', { line: 9 })[1], '', 'nor one beyond the end of it')
})

t.test('colours are only there when asked for', async t => {
  const sources = new Map([['policy.yaml', 'x: 1\n']])
  const findings = [
    finding({ suggestion: 'y' }),
    finding({ severity: 'warning' }),
    finding({ severity: 'info' }),
  ]
  t.notMatch(formatText(findings, { sources, colour: false }), /\u001b/)
  const coloured = formatText(findings, { sources, colour: true })
  t.match(coloured, '\u001b[1;31merror unknown-key\u001b[0m')
  t.match(coloured, '\u001b[1;31m^\u001b[0m')
  t.match(coloured, '\u001b[1;33mwarning')
  t.match(coloured, '\u001b[1;36mhelp:\u001b[0m y')
  t.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ''), formatText(findings, { sources, colour: false }))
})

t.test('the caret stands under its text whatever is before it', async t => {
  const cases: readonly [source: string, column: number, endColumn: number, shown: string, caret: string][] =
    [
      ['\ta: b', 5, 6, '  a: b', '     ^'],
      ['\u6f22\u5b57: b', 5, 6, '\u6f22\u5b57: b', '      ^'],
      ['\u{1F600}: b', 5, 6, '\u{1F600}: b', '    ^'],
      ['e\u0301: b', 5, 6, 'e\u0301: b', '   ^'],
      ['a: \u6f22\u5b57', 4, 6, 'a: \u6f22\u5b57', '   ^^^^'],
      ['a\u202e: b', 5, 6, 'a\\u{202e}: b', '           ^'],
      ['a: \u001b[2J', 4, 8, 'a: \\x1b[2J', '   ^^^^^^^'],
      ['a:', 9, 12, 'a:', '  ^'],
    ]
  for (const [source, column, endColumn, shown, caret] of cases) {
    const lines = print(`${source}\r\n`, { column, endColumn })
    t.strictSame(lines.slice(1, 3), [`  1 | ${shown}`, `    | ${caret}`], JSON.stringify(source))
  }
})

t.test('a byte order mark is no column', async t => {
  t.strictSame(print('\uFEFFab: 1', { column: 1, endColumn: 3 }).slice(1, 3), ['  1 | ab: 1', '    | ^^'])
})

t.test('an over-long line is cut around its caret', async t => {
  const [, line = '', caret = ''] = print(`${'a'.repeat(500)}HERE${'b'.repeat(500)}`, {
    column: 501,
    endColumn: 505,
  })
  t.ok(line.length <= 6 + 122, 'it fits')
  t.match(line, /^ {2}1 \| …a+HEREb+…$/)
  t.equal(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1), 'HERE')

  const [, whole = '', carets = ''] = print('x'.repeat(5000), { column: 1, endColumn: 5001 })
  t.ok(whole.length < 140 && carets.length < 140, 'also where everything is marked')

  const [, start = ''] = print(`HERE${'b'.repeat(500)}`, { column: 1, endColumn: 5 })
  t.match(start, /^ {2}1 \| HEREb+…$/)
  const [, end = ''] = print(`${'\u6f22'.repeat(500)}HERE`, { column: 501, endColumn: 505 })
  t.match(end, /^ {2}1 \| …\u6f22+HERE$/)
})

t.test('no control character of a file, a message or a suggestion reaches the terminal', async t => {
  const evil = '\u001b]0;x\u0007\u009b31m\u0000\u2028\u202e\u{E0041}'
  const text = formatText([finding({ file: `a${evil}`, message: evil, suggestion: evil })], {
    sources: new Map([[`a${evil}`, evil]]),
    colour: false,
  })
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e\u{E0041}]/u)
})

import fc from 'fast-check'
import t from 'tap'
import { collapseRuns } from '../../src/policy/parse/collapse-runs.js'
import { composeYaml } from '../../src/policy/parse/compose-yaml.js'
import { parseFile } from '../../src/policy/parse/parse.js'
import { TreeBuilder } from '../../src/policy/parse/tree-builder.js'
import { childOf, itemsOf, textOf, type YamlNode } from '../../src/policy/parse/yaml-tree.js'
import type { Problem } from '../../src/policy/problems/problem.js'
import { ProblemList } from '../../src/policy/problems/problem-list.js'
import { positionOf, Source } from '../../src/policy/problems/source.js'
import { POLICY_FILE } from '../../src/policy/schema/file-kind.js'

function parse(text: string): { root: YamlNode | undefined; problems: readonly Problem[] } {
  const problems = new ProblemList()
  return { root: parseFile({ file: 'p', text }, POLICY_FILE, problems), problems: problems.sorted() }
}

/** The same without the fast way for runs; undefined where the text is not YAML. */
function parseSlowly(text: string): YamlNode | undefined {
  const yaml = composeYaml(text)
  const [document] = 'documents' in yaml ? yaml.documents : []
  if (!document?.contents || document.errors.length > 0) return undefined
  return new TreeBuilder(new Source({ file: 'p', text }), new Map(), POLICY_FILE, new ProblemList()).build(
    document.contents,
  )
}

/** The tree as values with their places, to compare two of them. */
function outline(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined
  const { line, column, endColumn } = positionOf(node)
  const at = `${line}:${column}-${endColumn}`
  if (node.kind === 'scalar') return [at, node.value]
  if (node.kind === 'list') return [at, itemsOf(node).map(outline)]
  if (node.kind === 'map') return [at, Array.from(node.fields, ([key, { value }]) => [key, outline(value)])]
  return [at, 'broken']
}

const ENTRIES = Array.from({ length: 12 }, (_, index) => `https://a${index}.example`)

t.test('a run of origins is read like any other list', async t => {
  for (const [indentation, quote, newline] of [
    ['', '', '\n'],
    ['  ', '', '\n'],
    ['  ', '"', '\n'],
    ['      ', "'", '\r\n'],
  ] as const) {
    const lines = ENTRIES.map(entry => `${indentation}- ${quote}${entry}${quote}${newline}`)
    const text = `before: 1${newline}list:${newline}${lines.join('')}after: [x]${newline}`
    const collapsed = collapseRuns(text)
    t.equal(collapsed.runs.size, 1, 'this is a run')
    t.equal(collapsed.text.length, text.length, 'offsets stay')
    t.notMatch(collapsed.text, /a5/)
    t.strictSame(outline(parse(text).root), outline(parseSlowly(text)))
  }
})

t.test('what only looks like a run of origins', async t => {
  const lines = ENTRIES.map(entry => `  - ${entry}`).join('\n')
  const list = (text: string) => itemsOf(childOf<{ list: unknown }>(parse(text).root, 'list')).map(textOf)
  const value = (text: string) => textOf(childOf<{ list: unknown }>(parse(text).root, 'list'))

  t.equal(
    value(`list: |\n${lines}\n`),
    `${ENTRIES.map(entry => `- ${entry}`).join('\n')}\n`,
    'a block scalar',
  )
  t.equal(
    value(`list: x\n${lines}\n`),
    `x ${ENTRIES.map(entry => `- ${entry}`).join(' ')}`,
    'a scalar of many lines',
  )
  t.equal(
    value(`list: "\n${lines}\n  "\n`),
    ` ${ENTRIES.map(entry => `- ${entry}`).join(' ')} `,
    'a quoted scalar',
  )
  t.strictSame(
    list(`list:\n${lines}\n    more\n`),
    [...ENTRIES.slice(0, -1), `${ENTRIES.at(-1)} more`],
    'a last line that goes on',
  )
  t.strictSame(list(`list:\n${lines}`), ENTRIES, 'no line break at the end')
  t.match(parse(`list: [\n${lines}\n]\n`).problems[0], { code: 'yaml-syntax' }, 'a flow list')
})

t.test('an error beside a run has its place', async t => {
  const lines = ENTRIES.map(entry => `  - ${entry}`).join('\n')
  t.match(parse(`list:\n${lines}\nother: "x\n`).problems, [{ code: 'yaml-syntax', line: 14, column: 8 }])
  t.match(parse(`list:\n${lines}\nother: *x\n`).problems, [
    { code: 'yaml-alias', line: 14, column: 8, endColumn: 10 },
  ])
})

t.test('runs and everything else, mixed at random, are read the same both ways', async t => {
  const entry = fc.constantFrom(...ENTRIES, '"https://q.example"', "'http://*.s.example:*'", 'x://y')
  const run = fc.tuple(fc.constantFrom('  ', '    '), fc.array(entry, { minLength: 1, maxLength: 20 }))
  const other = fc.constantFrom(
    '  - plain',
    '    more',
    '# comment',
    '',
    '  - |',
    'key: value',
    '  - { origin: x }',
    'key2:',
    '  - "open',
  )
  const line = fc.oneof(
    {
      weight: 2,
      arbitrary: run.map(([indentation, entries]) =>
        entries.map(text => `${indentation}- ${text}`).join('\n'),
      ),
    },
    { weight: 1, arbitrary: other },
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), lines => {
      const text = `list:\n${lines.join('\n')}\n`
      const { root } = parse(text)
      t.strictSame(outline(root), outline(parseSlowly(text)))
      return true
    }),
    { numRuns: 300 },
  )
})

t.test('positions are right after a byte order mark, with CRLF, and beyond the basic plane', async t => {
  const { problems } = parse('\uFEFFa: *x\r\nb: "\u{1F600}" # \u{1F600}\r\n"\u{1F600}": *y\r\n')
  t.match(problems, [
    { code: 'yaml-alias', line: 1, column: 4, endColumn: 6 },
    { code: 'yaml-alias', line: 3, column: 7, endColumn: 9 },
  ])
})

t.test('a scalar of several lines is shown on its first', async t => {
  const { root } = parse('a: "one\n  two"\nb: 1\n')
  t.match(positionOf(childOf<{ a: string }>(root, 'a') as YamlNode), { line: 1, column: 4, endColumn: 8 })
})

t.test('all syntax errors at once, but no echoes of one that derails the parser', async t => {
  const { problems } = parse('a: "\\q"\nb: @x\nc: [*]\ne: "\\w"\n   f: 1\n  g: 2\nh: }\n')
  t.strictSame(
    problems.map(({ line, code }) => `${line} ${code}`),
    ['1 yaml-syntax', '2 yaml-syntax', '3 yaml-alias', '4 yaml-syntax', '5 yaml-syntax'],
  )
})

t.test('numbers that are not plain decimals stay text', async t => {
  const { root } = parse('list: [010, 0x10, 1e3, .inf, +5, 0o7, 12, -1, 1.5, 0]')
  const values = itemsOf(childOf<{ list: unknown }>(root, 'list')).map(
    node => node.kind === 'scalar' && node.value,
  )
  t.strictSame(values, ['010', '0x10', '1e3', '.inf', '+5', '0o7', 12, -1, 1.5, 0])
})

t.test('words of YAML 1.1 stay text', async t => {
  const { root } = parse('list: [yes, no, on, off, 2027-01-31, 12:30:00, true, False, NULL]')
  const values = itemsOf(childOf<{ list: unknown }>(root, 'list')).map(
    node => node.kind === 'scalar' && node.value,
  )
  t.strictSame(values, ['yes', 'no', 'on', 'off', '2027-01-31', '12:30:00', true, false, null])
})

// The library recurses while it composes, and V8 may abort the process near the end of the stack instead of
// throwing: the test is that this file ends.
t.test('no depth ends the process (CVE-2026-33532)', async t => {
  for (const unit of ['[', '{a: ', '- ', '? ', 'a: ', '[{', '&a [']) {
    for (const count of [70, 1000, 30_000]) {
      const { problems } = parse(unit.repeat(count))
      t.match(problems, [{ code: /yaml-(too-deep|syntax)/ }], `${count} × ${unit}`)
    }
  }
})

t.test('many keys, many anchors and long lines are read in time', async t => {
  const started = performance.now()
  t.ok(parse(Array.from({ length: 20_000 }, (_, index) => `k${index}: v`).join('\n')).root)
  t.ok(
    parse(
      `a: &a0 x\n${Array.from({ length: 5000 }, (_, index) => `b${index}: &a${index + 1} [*a${index}]`)
        .slice(0, 400)
        .join('\n')}`,
    ).root,
  )
  t.ok(parse(`a: "${'x'.repeat(3_000_000)}"`).root)
  t.ok(performance.now() - started < 8000)
})

import t from 'tap'
import type { Finding } from '../../src/report/finding.js'
import type { FindingReport } from '../../src/report/finding-report.js'
import { formatGithub } from '../../src/report/github.js'
import { formatJson, jsonText } from '../../src/report/json.js'
import { formatJunit } from '../../src/report/junit.js'
import { code, plain, tableOf } from '../../src/report/markdown.js'
import { formatSarif } from '../../src/report/sarif.js'
import { formatTap } from '../../src/report/tap.js'
import { formatText } from '../../src/report/text.js'
import { VERSION } from '../../src/version.js'

const IN_FILE: Finding = {
  code: 'unknown-key',
  severity: 'error',
  message: '`a` is not a key; 100% sure\n::warning::forged',
  file: 'dir with space/p,1.yaml',
  line: 2,
  column: 3,
  endColumn: 6,
  suggestion: 'did you mean `b`?',
  replacement: 'b',
}
const AT_TARGET: Finding = {
  code: 'reflected-origin',
  severity: 'warning',
  message: 'any origin is reflected',
  target: 'https://api.example/orders',
  details: ['curl -H "Origin: https://evil.example" https://api.example/orders'],
}
const REPORT: FindingReport = {
  tool: { name: 'crossgate', version: '0.0.0' },
  findings: [
    IN_FILE,
    AT_TARGET,
    { code: 'note', severity: 'info', message: 'whole file', file: '/abs/p.yaml' },
  ],
  sources: new Map([['dir with space/p,1.yaml', 'version: 1\n  key: x\n']]),
  codes: new Map([['unknown-key', { title: 'A key that is none', help: 'See docs.' }]]),
  facts: { requests: 3 },
}

t.test('json begins alike everywhere, and has what tools can read', async t => {
  const text = formatJson('audit report', {
    methods: new Set(['PUT']),
    origin: undefined,
    suites: [{ milliseconds: 15.543536000000017 }, { milliseconds: 0 }],
    count: 1.25,
  })
  t.equal(text, `${JSON.stringify(JSON.parse(text), null, 2)}\n`)
  t.strictSame(Object.entries(JSON.parse(text)), [
    ['tool', 'crossgate'],
    ['version', VERSION],
    ['schema', 1],
    ['command', 'audit report'],
    ['methods', ['PUT']],
    ['suites', [{ milliseconds: 15.5 }, { milliseconds: 0 }]],
    ['count', 1.25],
  ])
})

t.test('sarif: rules, results, places and fixes fit together', async t => {
  const log = JSON.parse(formatSarif(REPORT))
  t.equal(log.version, '2.1.0')
  const [run] = log.runs
  t.strictSame(
    run.tool.driver.rules.map((rule: { id: string }) => rule.id),
    ['note', 'reflected-origin', 'unknown-key'],
  )
  for (const result of run.results) t.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId)
  t.match(run.results, [
    {
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'dir%20with%20space/p%2C1.yaml' },
            region: { startLine: 2, startColumn: 3, endColumn: 6 },
          },
        },
      ],
      fixes: [{ artifactChanges: [{ replacements: [{ insertedContent: { text: 'b' } }] }] }],
    },
    {
      level: 'warning',
      locations: [{ logicalLocations: [{ fullyQualifiedName: 'https://api.example/orders' }] }],
    },
    { level: 'note', locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///abs/p.yaml' } } }] },
  ])
  t.notOk('region' in run.results[2].locations[0].physicalLocation)
})

t.test('github: a finding is one command, whatever it holds', async t => {
  const lines = formatGithub(REPORT).trimEnd().split('\n')
  t.equal(lines.length, 3)
  t.equal(
    lines[0],
    '::error file=dir with space/p%2C1.yaml,line=2,col=3,endColumn=5,title=unknown-key::`a` is not a key; 100%25 sure%0A::warning::forged%0Ahelp: did you mean `b`?',
  )
  t.match(lines[1], /^::warning title=reflected-origin::https:\/\/api.example\/orders: any origin/)
  t.match(lines[2], /^::notice file=/)
  const hostile = { ...REPORT.findings[0]!, file: '\u001b[2Jp.yaml', message: '\u001b]0;title\u0007' }
  t.notMatch(formatGithub({ ...REPORT, findings: [hostile] }), /[^\x20-\x7e\n]/, 'and nothing of a terminal')
})

t.test('text: a finding at a target, and one about a whole file', async t => {
  const text = formatText(REPORT.findings, { sources: REPORT.sources, colour: false })
  t.match(text, 'https://api.example/orders: warning reflected-origin  any origin is reflected\n   curl -H')
  t.match(text, '/abs/p.yaml: info note  whole file')
  t.notMatch(text, '\n::warning::forged', 'a line break in a message is escaped')
})

const SUITES = [
  {
    name: 'p.test.yaml',
    file: 'p.test.yaml',
    milliseconds: 12,
    cases: [
      { name: 'good # skip <&">', line: 3, milliseconds: 2, failures: [] },
      {
        name: 'bad\u0007',
        line: 9,
        milliseconds: 10,
        failures: ['route: expected a, got b', 'x\u0000y ]]>'],
      },
    ],
  },
]

t.test('tap: names are no directives, failures are YAML', async t => {
  t.equal(
    formatTap(SUITES),
    `TAP version 14
1..2
ok 1 - good \\# skip <&">
not ok 2 - bad\\\\x07
  ---
  at: "p.test.yaml:9"
  failures:
    - "route: expected a, got b"
    - "x\\u0000y ]]>"
  ...
`,
  )
})

t.test('junit: well-formed, counted and timed', async t => {
  const xml = formatJunit(SUITES)
  t.match(xml, '<testsuites tests="2" failures="1" time="0.012">')
  t.match(
    xml,
    '<testcase name="good # skip &lt;&amp;&quot;&gt;" classname="p.test.yaml" file="p.test.yaml" line="3" time="0.002"/>',
  )
  t.match(
    xml,
    '<failure message="route: expected a, got b">route: expected a, got b\nx\ufffdy ]]&gt;</failure>',
  )
  t.notMatch(xml, /[\u0000-\u0008]/)
})

t.test('no format gives a terminal anything to act on, and those for tools lose nothing', async t => {
  const odd = 'a\u009b31m\u007f\u202e\r\u2028\u{e0041}b\nc\td'
  const json = jsonText({ [odd]: odd })
  t.same(JSON.parse(json), { [odd]: odd })
  const report: FindingReport = {
    tool: { name: odd, version: '1' },
    findings: [{ code: 'x', severity: 'error', message: odd, target: odd }],
    sources: new Map(),
    codes: new Map(),
  }
  const sarif = formatSarif(report)
  t.equal(JSON.parse(sarif).runs[0].results[0].message.text, odd)
  const junit = formatJunit([{ name: odd, milliseconds: 0, cases: [] }])
  t.match(junit, 'name="a&#x9b;31m&#x7f;&#x202e;&#xd;&#x2028;&#xe0041;b\nc&#x9;d"')
  for (const text of [json, sarif, junit, formatJson('check', { findings: report.findings })])
    t.notMatch(text, /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u)
})

t.test('markdown: nothing breaks out of its cell', async t => {
  t.equal(tableOf(['a', 'b'], [['1', '2']]), '| a | b |\n| --- | --- |\n| 1 | 2 |')
  t.equal(code('a`b|c\nd'), '``a`b\\|c d``')
  t.equal(plain('[x](y) <b> | @me'), '\\[x\\](y) \\<b\\> \\| \\@me')
})

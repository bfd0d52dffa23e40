// npm run test:torture [-- --full] [--report] [ROW…]: the torture suite, and the page that says what it found. Rows that
// are tested in test/operate are part of `npm test`; here they run where they are named, or whole with --full.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  options: { full: { type: 'boolean' }, report: { type: 'boolean' }, 'only-report': { type: 'boolean' }, jobs: { type: 'string' } },
  allowPositionals: true,
})
const files = (positionals.length === 0 && !values.full ? ['torture'] : ['torture', 'operate'])
  .flatMap(folder => readdirSync(resolve(root, 'test', folder)).map(name => `test/${folder}/${name}`))
  .filter(file => file.endsWith('.test.ts') && holdsRow(file))

function holdsRow(file) {
  const rows = [...readFileSync(resolve(root, file), 'utf8').matchAll(/^promise\('(\w+)'/gm)].map(([, id]) => id)
  if (positionals.length === 0) return rows.length > 0
  return rows.some(id => positionals.includes(id) || positionals.includes(id[0]))
}

function runRows() {
  const args = ['exec', '--', 'tap', '--exclude', 'none', '--disable-coverage', '--jobs', values.jobs ?? '3']
  args.push('--timeout', values.full ? '3600' : '400', ...files.flatMap(file => ['--include', file]))
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(values.full && { CROSSGATE_TORTURE: 'full' }),
      ...(positionals.length > 0 && { CROSSGATE_TORTURE_ROWS: positionals.join(',') }),
    },
  })
  return status ?? 1
}

function writeReport() {
  const rows = readPromises().map(promise => ({ ...promise, result: resultOf(promise.id) }))
  const page = readFileSync(resolve(root, 'docs/promises.md'), 'utf8').split('\n')
  const lines = rows.map(({ id, kind, promise, passes, result }) => {
    // What was not run here, or only in part, keeps what an earlier run found.
    const earlier = page.find(line => line.startsWith(`| ${id} ${kind} |`) && / \| (pass|\*\*fail\*\*) \|$/.test(line))
    if (earlier !== undefined && !result?.whole) return earlier
    const verdict = result === undefined ? 'not run' : result.passed ? 'pass' : '**fail**'
    const extent = result !== undefined && !result.whole ? ', shortened' : ''
    const figures = result?.figures.join('; ') ?? ''
    return `| ${id} ${kind} | ${promise} | ${passes} | ${result?.inputs.toLocaleString('en') ?? '-'} | ${figures} | ${verdict}${extent} |`
  })
  writeFileSync(resolve(root, 'docs/promises.md'), `${INTRODUCTION}${lines.join('\n')}\n`)
}

// The list is TypeScript, for the tests; its literals are plain enough to be read from here.
function readPromises() {
  const source = readFileSync(resolve(root, 'test/torture/promises.ts'), 'utf8')
  const list = source.slice(source.indexOf('= [') + 2)
  return new Function(`return ${list}`)()
}

function resultOf(id) {
  for (const name of [`${id}.json`, `${id}.short.json`]) {
    try {
      return JSON.parse(readFileSync(resolve(root, 'build/torture', name), 'utf8'))
    } catch {}
  }
  return undefined
}

const INTRODUCTION = `# What a hostile network may try, and what was found

Written by \`npm run test:torture -- --report\` from the rows' last runs; do not edit. Each row is a test in \`test/torture\`
or \`test/operate\`: a real gateway process, and mostly an upstream that records every byte, clients on raw sockets, and a ledger in which
every request ends as exactly one of answered, refused or cut, with one audit record that says the same. Only what was run is claimed. Q rows take seconds; S rows are soaks,
shortened in CI and whole with \`--full\` (W3 then needs a Python 2.7: \`CROSSGATE_PYTHON2\`). Times and memory are of the machine that ran them, which did other work beside it.

| id | promise | passes when | inputs | measured | result |
|---|---|---|---|---|---|
`

const exitCode = values['only-report'] ? 0 : runRows()
if (values.report || values['only-report']) writeReport()
process.exit(exitCode)

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { allFields } from '../../src/policy/schema/schema-field.js'
import { type CommandResult, runCommands } from '../helpers/commands.js'
import { runCli } from '../helpers/gateway.js'
import { readOutput } from '../helpers/output-schema.js'

// Every command, in text and in JSON, over every policy of the corpus, as it was when somebody last read it.
// UPDATE_GOLDEN=1 writes the files anew; read the difference before you commit it.

const POLICIES = resolve(import.meta.dirname, 'policies')
const NAMES = readdirSync(POLICIES)
  .filter(name => /^\d\d-[a-z-]+\.yaml$/.test(name))
  .sort()

// Beside every field by its whole name: short names, JSON, and names that are none.
const ALSO_ASKED = [['maxAge'], ['mode'], ['maxAge', '--format', 'json'], ['mode', '--format', 'json'], ['maxAgs'], ['quux']]

t.test('what every command says of every policy', async t => {
  t.ok(NAMES.length >= 30, `${NAMES.length} policies`)
  const plans = NAMES.map(name => ({ name, invocations: invocationsFor(name) }))
  const results = await runCommands(
    POLICIES,
    plans.flatMap(({ invocations }) => invocations),
  )
  let at = 0
  for (const { name, invocations } of plans) {
    const sections = invocations.map(args => section(args, results[at++] as CommandResult))
    await golden(t, name.replace('.yaml', '.txt'), sections.join('\n'))
  }
})

t.test('what the schema says of every field', async t => {
  const names = [...new Set(allFields().map(({ path }) => path))].sort()
  const asked = [...names.map(name => [name]), ...ALSO_ASKED].map(args => ['schema', ...args])
  const results = await runCommands(POLICIES, [['schema'], ...asked])
  const [whole, ...fields] = results as [CommandResult, ...CommandResult[]]
  t.strictSame(JSON.parse(whole.stdout), JSON.parse(readFileSync('config/policy.schema.json', 'utf8')))
  await golden(t, 'schema.txt', fields.map((result, index) => section(asked[index] ?? [], result)).join('\n'))
})

t.test('what completes the commands in each shell', async t => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, code } = await runCli(['completion', shell])
    t.equal(code, 0)
    await golden(t, `completion.${shell}`, stdout)
  }
})

async function golden(t: Test, name: string, text: string): Promise<void> {
  const file = join(import.meta.dirname, 'outputs', name)
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, text)
  t.equal(text, readFileSync(file, 'utf8'), name)
}

function invocationsFor(name: string): readonly (readonly string[])[] {
  const [, flags = ''] = /^# explain: (.*)$/m.exec(readFileSync(join(POLICIES, name), 'utf8')) ?? []
  const hasTests = readdirSync(POLICIES).includes(name.replace('.yaml', '.test.yaml'))
  const plain = [
    ['check', name],
    ['explain', '--policy', name, ...flags.split(' ')],
    ['diff', '00-base.yaml', name],
    ...(hasTests ? [['test', name, '--coverage']] : []),
  ]
  const formats: Readonly<Record<string, readonly string[]>> = {
    check: ['text', 'json', 'sarif', 'github'],
    explain: ['text', 'json'],
    diff: ['text', 'json', 'markdown'],
    test: ['text', 'json', 'tap', 'junit'],
  }
  return plain.flatMap(args => (formats[args[0] as string] ?? []).map(format => [...args, '--format', format]))
}

function section(args: readonly string[], { stdout, stderr, code }: CommandResult): string {
  const said = [stdout, stderr === '' ? '' : `--- stderr\n${stderr}`].join('')
  if (args.includes('json')) readOutput(stdout)
  return `$ crossgate ${args.join(' ')}\n${withoutTimes(said)}=== exit ${code}\n`
}

function withoutTimes(text: string): string {
  return text
    .replace(/in \d+ ms/g, 'in N ms')
    .replace(/("milliseconds": )[\d.]+/g, '$10')
    .replace(/time="[\d.]+"/g, 'time="0"')
}

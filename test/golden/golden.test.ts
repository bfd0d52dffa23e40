import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

// Every command, in text and in JSON, over every policy of the corpus, as it was when somebody last read it.
// UPDATE_GOLDEN=1 writes the files anew; read the difference before you commit it.

const POLICIES = resolve(import.meta.dirname, 'policies')
const NAMES = readdirSync(POLICIES)
  .filter(name => /^\d\d-[a-z-]+\.yaml$/.test(name))
  .sort()

t.test('what every command says of every policy', async t => {
  t.ok(NAMES.length >= 30, `${NAMES.length} policies`)
  const plans = NAMES.map(name => ({ name, invocations: invocationsFor(name) }))
  const results = await runAll(plans.flatMap(({ invocations }) => invocations))
  let at = 0
  for (const { name, invocations } of plans) {
    const sections = invocations.map(args => section(args, results[at++] as Result))
    const file = join(import.meta.dirname, 'outputs', name.replace('.yaml', '.txt'))
    const text = sections.join('\n')
    if (process.env['UPDATE_GOLDEN']) writeFileSync(file, text)
    t.equal(text, readFileSync(file, 'utf8'), name)
  }
})

interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
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
    check: ['text', 'json'],
    explain: ['text', 'json'],
    diff: ['text', 'json', 'markdown'],
    test: ['text', 'json', 'tap', 'junit'],
  }
  return plain.flatMap(args => (formats[args[0] as string] ?? []).map(format => [...args, '--format', format]))
}

function section(args: readonly string[], { stdout, stderr, code }: Result): string {
  const said = [stdout, stderr === '' ? '' : `--- stderr\n${stderr}`].join('')
  return `$ crossgate ${args.join(' ')}\n${withoutTimes(said)}=== exit ${code}\n`
}

function withoutTimes(text: string): string {
  return text
    .replace(/in \d+ ms/g, 'in N ms')
    .replace(/("milliseconds": )[\d.]+/g, '$10')
    .replace(/time="[\d.]+"/g, 'time="0"')
}

async function runAll(invocations: readonly (readonly string[])[]): Promise<readonly Result[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run-commands.mjs')], {
    cwd: POLICIES,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', chunk => chunks.push(chunk))
  child.stdin.end(JSON.stringify(invocations))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the commands ended with ${code}`)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

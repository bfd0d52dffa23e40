import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { skipWithout } from '../helpers/daemons.js'
import { runCli } from '../helpers/gateway.js'

// The scripts, in the shells that they are for; bash is everywhere and stands in commands.test.ts.

async function scriptOf(t: Test, shell: string): Promise<string> {
  const file = join(t.testdir(), `crossgate.${shell}`)
  writeFileSync(file, (await runCli(['completion', shell])).stdout)
  return file
}

t.test('fish', { skip: skipWithout({ program: '/usr/bin/fish', package: 'fish' }) }, async t => {
  const script = await scriptOf(t, 'fish')
  const complete = (line: string) =>
    execFileSync('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line], {
      encoding: 'utf8',
      env: { ...process.env, HOME: t.testdirName },
    })
      .trim()
      .split('\n')
      .map(row => row.split('\t')[0])
  t.same(complete('crossgate au'), ['audit'])
  t.same(complete('crossgate audit '), ['report', 'suggest'])
  t.same(complete('crossgate audit report --format '), ['html', 'json', 'text'])
  t.same(complete('crossgate check --fail-on '), ['error', 'info', 'warning'])
  t.same(complete('crossgate serve --audit-f'), ['--audit-file', '--audit-format'])
  t.same(complete('crossgate completion '), ['bash', 'fish', 'zsh'])
})

// Its own completion system wants a terminal; what the script hands to it does not.
const ASKED = `
_describe() { print -rl -- "\${(@P)2}" }
_arguments() { print -rl -- "$@" }
script=$1; shift
words=("$@") CURRENT=$#
source $script
`

t.test('zsh', { skip: skipWithout({ program: '/usr/bin/zsh', package: 'zsh' }) }, async t => {
  const script = await scriptOf(t, 'zsh')
  const handed = (...words: string[]) =>
    execFileSync('zsh', ['-f', '-c', ASKED, 'zsh', script, 'crossgate', ...words], { encoding: 'utf8' })
      .trim()
      .split('\n')
  t.ok(handed('').some(row => row.startsWith('audit:Read audit logs\\: report who')))
  t.equal(handed('audit', '').at(-1), '1:value:(report suggest)')
  t.ok(
    handed('audit', 'report', '--format', '').some(row =>
      /^\*--format\[.*\]:value:\(text json html\)$/.test(row),
    ),
  )
  t.ok(handed('check', '--f').some(row => row.endsWith(':value:(error warning info)')))
  t.ok(
    handed('serve', '').some(row =>
      row.startsWith("*--log-level[least severe line of the gateway's own log"),
    ),
    'a quote',
  )
  t.equal(handed('completion', '').at(-1), '1:value:(bash zsh fish)')
})

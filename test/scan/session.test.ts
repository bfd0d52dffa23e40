import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { MAIN, runCli } from '../helpers/gateway.js'
import { FLAGS, reflect, SECRET, serve } from './local-server.js'

const HAS_CURL = await promisify(execFile)('curl', ['--version']).then(
  () => true,
  () => false,
)

t.test('the curl line sends the session again, and shows none of it', async t => {
  const server = await serve(t, reflect)
  const long = `${SECRET}${'x'.repeat(400)}`
  const dir = t.testdir({
    "alice's session.txt": `Cookie: ${long}\r\n\r\nX-Key: 5ecret-too\n`,
    'odd\u009b31m.txt': `Cookie: ${long}\n`,
  })
  const file = join(dir, "alice's session.txt")
  const odd = join(dir, 'odd\u009b31m.txt')
  const ways: readonly (readonly [string, readonly string[], string, Record<string, string>, string?])[] = [
    ['a file', ['-H', `@${file}`], `-H '@${file.replace("'", "'\\''")}'`, {}],
    ['a line', ['-H', `Cookie: ${long}`], VARIABLE, { SCAN_COOKIE: long }],
    ['standard input', ['-H', '@-'], VARIABLE, { SCAN_COOKIE: long }, `Cookie: ${long}\n`],
    ['a file whose name no one can paste', ['-H', `@${odd}`], VARIABLE, { SCAN_COOKIE: long }],
  ]
  for (const [way, session, option, env, input] of ways) {
    const args = ['scan', server.url, ...FLAGS, '--format', 'json', ...session]
    const { stdout } = await runCli(args, {}, input)
    const { findings } = JSON.parse(stdout)
    const { curl, severity } = findings[0]
    t.equal(severity, 'critical', `${way}: proven with the session`)
    t.match(curl, ` ${option} `, way)
    t.notMatch(stdout, '5ecret', `${way}: no secret`)
    if (!HAS_CURL) continue
    const again = await promisify(execFile)('sh', ['-c', curl], { env: { ...process.env, ...env } })
    t.match(again.stdout, `user: ${long}`, `${way}: it is who is signed in`)
    if (Object.keys(env).length === 0) continue
    const failure = await promisify(execFile)('sh', ['-c', curl]).catch(error => error)
    t.match(failure.stderr, 'SCAN_COOKIE: set it to the value of that header', `${way}: nobody else`)
  }
})

t.test('a pipe is no file that curl could read again', async t => {
  const server = await serve(t, reflect)
  const command = `printf '%s\\n' "$SESSION" | env -u NODE_OPTIONS "$@"`
  const args = [process.execPath, MAIN, 'scan', server.url, ...FLAGS, '-H', '@/dev/stdin']
  const env = { ...process.env, SESSION: `Cookie: ${SECRET}` }
  const { stdout } = await promisify(execFile)('sh', ['-c', command, 'sh', ...args, '--fail-on', 'none'], {
    env,
  })
  t.match(stdout, ` ${VARIABLE} `)
  t.notMatch(stdout, '/dev/stdin')
})

const VARIABLE = `-H "Cookie: \${SCAN_COOKIE:?set it to the value of that header}"`

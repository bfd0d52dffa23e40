import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { manyLists } from '../../bench/large-policy.js'
import { MAIN } from '../helpers/gateway.js'
import { spawnNode } from '../helpers/spawn-node.js'

// Says on stderr when the process begins to hear signals. With WAITS, the first one goes on when it is told to on stdin.
const TELLS = `data:text/javascript,${encodeURIComponent(`
import { readSync } from 'node:fs'
process.on('newListener', name => {
  if (name === 'SIGUSR2') process.nextTick(() => {
    console.error('hears', process.pid)
    if (process.env.WAITS && process.send === undefined) readSync(0, Buffer.alloc(1))
  })
})`)}`

const SMALL = `version: 1
upstreams: { u: { url: "http://127.0.0.1:9" } }
routes: [{ id: all, path: /**, upstream: u }]
`
// Takes seconds to load.
const LARGE = manyLists('http://127.0.0.1:9')

for (const workers of [1, 2]) {
  t.test(`with ${workers} of it, what is asked while it starts is done once it runs`, async t => {
    const gateway = start(t, workers, SMALL, { WAITS: '1' })
    await gateway.says(/hears/)
    gateway.child.kill('SIGHUP')
    gateway.child.kill('SIGUSR2')
    gateway.child.stdin.write('!')
    await gateway.says(/"event":"gateway\.started"/)
    await gateway.says(/"event":"policy\.unchanged","trigger":"sighup"/)
    t.match(gateway.stderr(), /"event":"audit\.reopened"/)
    gateway.child.kill('SIGTERM')
    t.strictSame(await gateway.exited, [0, null])
  })
}

t.test('it ends at once where it is told to while it starts, with its workers', async t => {
  for (const [signal, workers, hearing] of [
    ['SIGTERM', 1, 1],
    ['SIGINT', 1, 1],
    ['SIGTERM', 2, 1],
    // The workers load it by then.
    ['SIGTERM', 2, 3],
  ] as const) {
    const what = `${signal}, ${workers} of it, ${hearing} processes`
    const gateway = start(t, workers, LARGE)
    await gateway.says(new RegExp(Array(hearing).fill('hears').join('[^]*')))
    gateway.child.kill(signal)
    t.strictSame(await gateway.exited, [0, null], what)
    t.notMatch(gateway.stderr(), /gateway\.started/, what)
    t.match(gateway.stderr(), `crossgate: ${signal}: ended before it served`, what)
    for (const [, pid] of gateway.stderr().matchAll(/hears (\d+)/g)) {
      t.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' }, what)
    }
  }
})

/** A gateway that starts. */
function start(t: Test, workers: number, text: string, env: Record<string, string> = {}) {
  const policy = join(t.testdir(), 'policy.yaml')
  writeFileSync(policy, text)
  const flags = ['--listen', '127.0.0.1:0', '--admin', 'off', '--workers', String(workers)]
  const child = spawnNode(['--import', TELLS, MAIN, 'serve', '--policy', policy, ...flags], env)
  t.teardown(() => child.kill('SIGKILL'))
  let errors = ''
  const checks = new Set<() => void>()
  createInterface({ input: child.stderr }).on('line', line => {
    errors += `${line}\n`
    for (const check of checks) check()
  })
  child.stdout.resume()
  const exited = once(child, 'close') as Promise<[number | null, string | null]>
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(errors)) resolve()
      }
      checks.add(check)
      check()
      void exited.then(how => reject(new Error(`it ended (${how}) without ${pattern}:\n${errors}`)))
    })
  return { child, exited, says, stderr: () => errors }
}

import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { freePort } from '../helpers/free-port.js'
import { MAIN } from '../helpers/gateway.js'
import { workDir } from '../helpers/work-dir.js'
import { workersOf } from '../helpers/workers-of.js'

const POLICY = `version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: [https://a.example], allowMethods: [GET] }] }
`

const LINES = 20_000

const FLOOD = `
import { operationsLog } from ${JSON.stringify(join(MAIN, '../../gateway/operations-log.js'))}
const log = operationsLog({ logLevel: 'info' })
for (let n = 0; n < ${LINES}; n++) log.info({ event: 'one.of.many', n, text: 'x'.repeat(100) })
console.log('logged')
setInterval(() => {}, 1000)`

const WAYS = {
  'is on a full disk': () => openSync('/dev/full', 'w'),
  'is a pipe that nobody reads': (dir: string) => fullPipe(dir),
} as const

for (const workers of [1, 2]) {
  for (const [way, open] of Object.entries(WAYS)) {
    test(`stderr ${way}, ${workers} workers: requests are served, SIGTERM ends it`, {
      timeout: 60_000,
    }, async t => {
      const dir = workDir(t)
      const stderr = open(dir)
      const { child, status } = await start(t, dir, workers, ['ignore', 'ignore', stderr])
      closeSync(stderr)
      // Each writes a line: nothing listens at the upstream.
      for (let round = 0; round < 20; round++) t.equal(await status(), 502)
      const exited = once(child, 'exit')
      const begun = performance.now()
      child.kill('SIGTERM')
      t.same(await exited, [0, null])
      // Each process gives its log a second.
      t.ok(performance.now() - begun < 5_000)
    })
  }
}

test('what a command says to a full disk changes neither what it does nor its exit code', async t => {
  const stderr = openSync('/dev/full', 'w')
  const { status } = spawnSync(process.execPath, [MAIN, 'serve', '--policy', join(workDir(t), 'none')], {
    stdio: ['ignore', 'ignore', stderr],
  })
  closeSync(stderr)
  t.equal(status, 2)
})

test('a terminal that is gone: requests are served, SIGTERM ends it', {
  timeout: 60_000,
  skip: existsSync('/usr/bin/script') ? false : 'there is no script(1)',
}, async t => {
  const dir = workDir(t)
  const { child: script, status, args } = await start(t, dir, 1, 'ignore', 'script')
  const [pid] = workersOf(script)
  t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'), args)
  script.kill('SIGKILL')
  await once(script, 'exit')
  for (let round = 0; round < 20; round++) t.equal(await status(), 502)
  process.kill(pid!, 'SIGTERM')
  while (isAlive(pid!)) await sleep(20)
})

for (const kind of ['pipe', 'socket'] as const) {
  test(`stderr is a ${kind} whose reader comes late: it gets what waited, and how many lines did not fit`, async t => {
    const dir = workDir(t)
    const path = join(dir, 'stderr')
    spawnSync('mkfifo', [path])
    const pipe = openSync(path, constants.O_RDWR)
    const child = spawn(process.execPath, ['--input-type=module', '-e', FLOOD], {
      stdio: ['ignore', 'pipe', kind === 'pipe' ? pipe : 'pipe'],
    })
    t.teardown(() => child.kill('SIGKILL'))
    await once(child.stdout!, 'data')
    const stream = kind === 'pipe' ? spawn('cat', [path]).stdout : child.stderr!
    let text = ''
    for await (const chunk of stream) {
      text += chunk
      if (text.includes('log.dropped')) child.kill('SIGTERM')
      if (text.includes('log.dropped') && kind === 'pipe') break
    }
    closeSync(pipe)
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as { event: string; n: number; dropped?: number })
    const told = lines.findIndex(({ event }) => event === 'log.dropped')
    t.ok(told > 0)
    t.same(
      lines.slice(0, told).map(({ n }) => n),
      Array.from({ length: told }, (_, n) => n),
      'in order, none torn',
    )
    t.equal(told + lines[told]!.dropped!, LINES)
    const length = text.slice(0, text.indexOf('log.dropped')).length
    t.ok(length > 2 ** 20 && length < 2 ** 21, `${length} bytes waited`)
  })
}

/** Starts a gateway and waits until it serves. @param below a program that gives it a terminal */
async function start(t: Test, dir: string, workers: number, stdio: StdioOptions, below?: 'script') {
  const policy = join(dir, 'policy.yaml')
  writeFileSync(policy, POLICY)
  const port = await freePort()
  const listen = ['--listen', `127.0.0.1:${port}`, '--admin', 'off', '--workers', String(workers)]
  const args = [process.execPath, MAIN, 'serve', '--policy', policy, ...listen]
  const [command, ...rest] =
    below === undefined ? args : ['script', '-qec', `exec ${args.join(' ')}`, '/dev/null']
  const child = spawn(command!, rest, { stdio })
  const begun = new Set<number>([child.pid!])
  t.teardown(() => {
    for (const pid of begun) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  const status = async (): Promise<number | undefined> => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) })
      return response.status
    } catch {
      return undefined
    }
  }
  while ((await status()) === undefined) await sleep(50)
  for (const pid of workersOf(child)) begun.add(pid)
  return { child: child as ChildProcess, status, args }
}

/** Open for both, so that it neither waits nor ends. */
function fullPipe(dir: string): number {
  const path = join(dir, 'stderr')
  spawnSync('mkfifo', [path])
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  for (;;) {
    try {
      writeSync(pipe, Buffer.alloc(4_096, '\n'))
    } catch {
      return pipe
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

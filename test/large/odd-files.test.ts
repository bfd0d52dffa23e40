import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { manyLists } from '../../bench/large-policy.js'
import { MAIN, runCli, startGateway, type TestGateway } from '../helpers/gateway.js'
import { workDir } from '../helpers/work-dir.js'

const CA = resolve(import.meta.dirname, '../fixtures/tls/ca.pem')
const PADDING = `# ${' '.repeat(70_000)}\n`

/** @param padding makes it long enough to be loaded in a thread */
function policy(ca: string, padding = '', origin = 'https://a.example'): string {
  return `${padding}version: 1
upstreams: { u: { url: https://127.0.0.1:9, tls: { ca: ${ca} } } }
routes: [{ id: a, path: /**, upstream: u, cors: [{ allowOrigins: [${origin}], allowMethods: [GET] }] }]
`
}

/** A named pipe that nobody writes: whoever opens it as usual waits for ever. */
function pipe(path: string): string {
  const { status } = spawnSync('mkfifo', [path])
  if (status !== 0) throw new Error(`mkfifo ${path} failed`)
  return path
}

t.test('cold: a pipe or a device for a file is said at once', async t => {
  const dir = workDir(t)
  const fifo = pipe(join(dir, 'fifo'))
  const holding = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const good = holding('good.yaml', policy(CA))
  mkdirSync(join(dir, 'folder'))
  holding('folder/a.yaml', policy(CA))
  pipe(join(dir, 'folder/b.yaml'))
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['the policy', ['--policy', fifo], /cannot read the policy at .*fifo: it is a pipe; name a regular file/],
    [
      'one of a directory',
      ['--policy', join(dir, 'folder')],
      /cannot read the policy at .*folder \(.*folder\/b.yaml\): it is a pipe/,
    ],
    ['a device', ['--policy', '/dev/zero'], /cannot read the policy at .*zero: it is a device/],
    ['the ceiling', ['--policy', good, '--ceiling', fifo], /cannot read the ceiling at .*fifo: it is a pipe/],
    [
      'TLS material',
      ['--policy', holding('small.yaml', policy(fifo))],
      /small.yaml:2:\d+: error tls-unreadable.*fifo: it is a pipe/s,
    ],
    [
      'TLS material of a large policy',
      ['--policy', holding('large.yaml', policy(fifo, PADDING))],
      /tls-unreadable.*fifo: it is a pipe/s,
    ],
    ["the listener's key", ['--policy', good, '--tls-cert', CA, '--tls-key', fifo], /fifo: it is a pipe/],
    ['a ceiling, with workers', ['--policy', good, '--ceiling', fifo, '--workers', '2'], /it is a pipe/],
  ]
  const left = [...cases]
  const run = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [what, flags, message] = next
      const { code, stderr } = await runCli(['serve', '--listen', '127.0.0.1:0', '--admin', 'off', ...flags])
      t.equal(code, 2, what)
      t.match(stderr, message, what)
    }
  }
  await Promise.all([run(), run()])
})

for (const padding of ['', PADDING]) {
  t.test(`hot: the last good policy stays, in ${padding === '' ? 'place' : 'a thread'}`, async t => {
    const dir = workDir(t)
    const ca = join(dir, 'ca.pem')
    copyFileSync(CA, ca)
    const gateway = await startGateway(t, { policy: policy(ca, padding), flags: ['--policy-poll', '1h'] })
    const path = join(gateway.dir, 'policy.yaml')

    pipe(`${ca}.new`)
    renameSync(`${ca}.new`, ca)
    const withoutCa = await next(gateway, 'policy.rejected', 'SIGHUP')
    t.match(JSON.stringify(withoutCa), /cannot read .*ca.pem: it is a pipe/)
    pipe(`${path}.new`)
    renameSync(`${path}.new`, path)
    const without = await next(gateway, 'policy.rejected', 'SIGHUP')
    t.match(JSON.stringify(without), /cannot read the policy at .*policy.yaml: it is a pipe/)

    // As a ConfigMap has it: a link to a file in a linked directory.
    mkdirSync(join(dir, 'generation'))
    writeFileSync(
      join(dir, 'generation/policy.yaml'),
      policy(join(dir, '..data/ca.pem'), padding, 'https://b.example'),
    )
    copyFileSync(CA, join(dir, 'generation/ca.pem'))
    symlinkSync('generation', join(dir, '..data'))
    symlinkSync(join(dir, '..data/policy.yaml'), `${path}.new`)
    renameSync(`${path}.new`, path)
    await next(gateway, 'policy.loaded', 'SIGHUP')
    t.equal(await gateway.stop(), 0)
  })
}

t.test('a policy that takes too long to load is given up', async t => {
  const flags = ['--policy-poll', '1h', '--policy-load-timeout', '100ms']
  const gateway = await startGateway(t, { policy: policy(CA), flags })
  const path = join(gateway.dir, 'policy.yaml')
  const put = (text: string): void => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  const large = manyLists('http://127.0.0.1:9')
  put(large)
  const rejected = await next(gateway, 'policy.rejected', 'SIGHUP')
  t.match(rejected, { error: /took longer than --policy-load-timeout, 0.1 s/ })
  put(policy(CA, '', 'https://b.example'))
  await next(gateway, 'policy.loaded', 'SIGHUP')

  const cold = await runCli(['serve', '--policy', fileOf(t, large), ...flags, '--admin', 'off'])
  t.equal(cold.code, 2)
  t.match(cold.stderr, /took longer than --policy-load-timeout/)
})

t.test('SIGTERM does not wait for a policy that loads', async t => {
  const gateway = await startGateway(t, { policy: policy(CA), flags: ['--policy-poll', '1h'] })
  writeFileSync(join(gateway.dir, 'policy.yaml'), manyLists('http://127.0.0.1:9'))
  gateway.child.kill('SIGHUP')
  // Handled in the order of their coming: the load has begun by then.
  t.equal(await gateway.stop(), 0)
  t.same(
    gateway.records.filter(({ trigger }) => trigger === 'sighup'),
    [],
    'it did not end the load either way',
  )
})

t.test('a thread that hangs in a system call does not keep the process', async t => {
  const fifo = pipe(join(workDir(t), 'fifo'))
  const threads = resolve(import.meta.dirname, '../../dist/gateway/loading/loader-threads.js')
  // The pipe can be opened for writing once the thread is inside the call that reads it, and has no more to read then.
  const script = `
    import { constants, openSync } from 'node:fs'
    import { Worker } from 'node:worker_threads'
    import { endProcessThreads, giveUp } from ${JSON.stringify(threads)}
    const fifo = ${JSON.stringify(fifo)}
    const hanging = new Worker("require('fs').readFileSync(process.argv[2], 'utf8')", { eval: true, execArgv: [], argv: [fifo] })
    const look = setInterval(async () => {
      try {
        openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
      } catch {
        return
      }
      clearInterval(look)
      giveUp(hanging)
      await endProcessThreads()
      process.exit(0)
    }, 10)
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
  t.teardown(() => child.kill('SIGKILL'))
  t.same(await once(child, 'exit'), [null, 'SIGKILL'])
})

t.test('commands read what they are given, a pipe as well', async t => {
  const file = fileOf(t, policy(CA))
  for (const line of [
    'cat "$1" | "$2" "$3" check /dev/stdin',
    'cat "$1" | "$2" "$3" check -',
    '"$2" "$3" check <(cat "$1")',
  ]) {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line, 'bash', file, process.execPath, MAIN], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    t.equal(status, 0, `${line}\n${stdout}${stderr}`)
  }
  const fifo = pipe(join(workDir(t), 'fifo'))
  const { code, stdout, stderr } = await runCli(['check', fileOf(t, policy(fifo))])
  t.equal(code, 0)
  t.match(stdout + stderr, /info tls-unreadable.*it is a pipe/s, 'but none that a policy names')
})

async function next(gateway: TestGateway, event: string, signal: NodeJS.Signals) {
  const seen = () => gateway.records.filter(record => record.event === event)
  const before = seen().length
  gateway.child.kill(signal)
  await gateway.record(() => seen().length > before)
  return seen().at(-1)
}

function fileOf(t: Test, text: string): string {
  const file = join(workDir(t), 'policy.yaml')
  writeFileSync(file, text)
  return file
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { MAIN } from '../helpers/gateway.js'
import { workDir } from '../helpers/work-dir.js'
import { workersOf } from '../helpers/workers-of.js'

// What a container's runtime gives is a pipe; systemd, and a parent that is Node, give a socket.
for (const kind of ['pipe', 'socket'] as const) {
  test(`nobody reads stdout, a ${kind}: a worker that starts or ends stops no other`, {
    timeout: 90_000,
  }, async t => {
    const { child, port, stderr } = await startUnread(t, kind)
    for (let round = 0; round < 200 && !stderr().includes('audit.failing'); round++) await denied(port)
    t.match(stderr(), 'audit.failing')
    const [victim, other] = workersOf(child)
    process.kill(victim!, 'SIGKILL')
    while (!stderr().includes('worker.replaced')) await denied(port)
    t.ok(workersOf(child).includes(other!))
    for (let round = 0; round < 10; round++) t.same(await denied(port), Array(10).fill('HTTP/1.1 403'))

    const exited = once(child, 'exit')
    const begun = performance.now()
    child.kill('SIGTERM')
    t.same(await exited, [0, null])
    const took = performance.now() - begun
    // A worker that hangs is killed 5 s after the drain timeout of 3 s; each gives its log another second.
    t.ok(took < 7_500, `${Math.round(took)} ms`)
  })
}

async function startUnread(t: Test, kind: 'pipe' | 'socket') {
  const dir = workDir(t)
  const policy = join(dir, 'policy.yaml')
  writeFileSync(
    policy,
    `version: 1
upstreams: { api: { url: http://127.0.0.1:9 } }
routes:
  - { id: api, path: /**, upstream: api, cors: [{ allowOrigins: [https://a.example], allowMethods: [GET] }] }
`,
  )
  const fifo = join(dir, 'stdout')
  spawnSync('mkfifo', [fifo])
  // Open for both, so that it neither waits nor ends; nobody reads.
  const end = openSync(fifo, constants.O_RDWR)
  const flags = ['--listen', '127.0.0.1:0', '--admin', 'off', '--workers', '2', '--drain-timeout', '3s']
  const child = spawn(
    process.execPath,
    [MAIN, 'serve', '--policy', policy, '--audit-window', '0', ...flags],
    {
      stdio: ['ignore', kind === 'pipe' ? end : 'pipe', 'pipe'],
    },
  )
  t.teardown(async () => {
    for (const pid of workersOf(child)) process.kill(pid, 'SIGKILL')
    child.kill('SIGKILL')
    closeSync(end)
  })
  let log = ''
  child.stderr!.on('data', chunk => {
    log += chunk
  })
  while (!log.includes('gateway.started')) await sleep(20)
  return { child, port: Number(/"url":"http:\/\/[\d.]+:(\d+)"/.exec(log)![1]), stderr: () => log }
}

/** Ten denials, whose records are long. @returns the beginning of each answer; empty where none came in five seconds */
function denied(port: number): Promise<string[]> {
  const path = 'x'.repeat(3_000)
  const request = `GET /${path} HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n`
  return Promise.all(
    Array.from(
      { length: 10 },
      () =>
        new Promise<string>(resolve => {
          let answer = ''
          const socket = connect(port, '127.0.0.1', () => socket.write(request))
          socket.setTimeout(5_000, () => socket.destroy())
          socket.on('data', chunk => {
            answer += chunk
          })
          socket.on('error', () => {})
          socket.on('close', () => resolve(answer.slice(0, 12)))
        }),
    ),
  )
}

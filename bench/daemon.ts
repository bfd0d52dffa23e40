import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinned } from './processors.js'

/** How a server is started. */
export interface Launch {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Daemon {
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a server and waits until it accepts connections on the port of 127.0.0.1, or says what it said instead. */
export async function startDaemon(
  launch: Launch,
  port: number,
  processor: number | undefined,
): Promise<Daemon> {
  const [program = '', ...args] = pinned(processor, launch.command)
  const child = spawn(program, args, {
    env: { ...process.env, ...launch.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  RUNNING.add(child)
  let said = ''
  child.on('error', error => {
    said += error.message
  })
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < 10_000) said += chunk
  })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  void ended.then(() => {
    if (RUNNING.delete(child))
      process.stderr.write(
        `${launch.command[0]} ended by itself, ${child.signalCode ?? child.exitCode}:\n${said}`,
      )
  })
  for (let waited = 0; waited < 60_000; waited += 5) {
    if (child.exitCode !== null || child.pid === undefined) break
    if (await accepts(port)) return { pid: child.pid, stop: () => stop(child, ended) }
    await sleep(5)
  }
  await stop(child, ended)
  throw new Error(`${launch.command[0]} did not start:\n${said}`)
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  RUNNING.delete(child)
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(timer)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Ends with us, however we end. */
const RUNNING = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of RUNNING) child.kill()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

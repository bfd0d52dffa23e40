import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from './free-port.js'
import { workDir } from './work-dir.js'

/** A server from a Debian package, run by hand with a configuration of its own. */
export interface Daemon {
  readonly name: string
  readonly program: string
  /** The Debian package that has it. */
  readonly package: string
  /** The text of its configuration; everything it writes goes below `dir`. */
  config(port: number, dir: string): string
  args(configFile: string, dir: string): readonly string[]
}

/**
 * For tap's `skip` option: false where the program is there. Says loudly where it is not, and throws in CI: a test
 * that silently did not run is a failure there.
 */
export function skipWithout({ program, package: name }: Pick<Daemon, 'program' | 'package'>): string | false {
  if (existsSync(program)) return false
  const problem = `no ${program}`
  if (process.env.CI === 'true') throw new Error(`${problem}: apt-get install ${name}`)
  process.stderr.write(`\n*** TEST SKIPPED: ${problem}. On Debian: apt-get install ${name} ***\n\n`)
  return problem
}

/** Starts it on a free port of 127.0.0.1, waits until it accepts connections, ends it with the test. */
export async function startDaemon(t: Test, daemon: Daemon): Promise<number> {
  const dir = workDir(t)
  const port = await freePort()
  const file = join(dir, 'config')
  writeFileSync(file, daemon.config(port, dir))
  const child = spawn(daemon.program, daemon.args(file, dir), {
    env: { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir },
  })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  child.stdout.resume()
  const exited = new Promise<void>(resolve => child.once('close', () => resolve()))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) break
    if (await accepts(port)) return port
    await sleep(50)
  }
  throw new Error(`${daemon.name} did not start:\n${said}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.end() !== undefined))
    socket.once('error', () => resolve(false))
  })
}

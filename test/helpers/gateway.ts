import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

/** One line of the audit log. */
export type AuditRecord = Record<string, unknown> & { event: string }

export interface TestGateway {
  readonly url: string
  readonly port: number
  /** The directory with `policy.yaml`, the file that the gateway serves. */
  readonly dir: string
  readonly child: ChildProcess
  /** Every audit record so far, in order. */
  readonly records: AuditRecord[]
  /** Everything on stderr so far. */
  stderr(): string
  /** Resolves with the first record, past or future, that fits. */
  record(fits: (record: AuditRecord) => boolean): Promise<AuditRecord>
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>
}

export interface GatewayOptions {
  readonly policy: string
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The built program, as a user runs it. `npm test` builds it first. */
export const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js')

/** Starts the real gateway process on a free port and waits until it serves. Ended with the test. */
export async function startGateway(t: Test, options: GatewayOptions): Promise<TestGateway> {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-'))
  writeFileSync(join(dir, 'policy.yaml'), options.policy)
  const flags = ['--policy', join(dir, 'policy.yaml'), '--listen', '127.0.0.1:0', ...(options.flags ?? [])]
  const child = spawn(process.execPath, [MAIN, 'serve', ...flags], {
    env: { ...process.env, ...options.env },
  })

  const gateway = observe(child)
  t.teardown(async () => {
    await gateway.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const url = await gateway.started
  return { ...gateway, url, port: Number(new URL(url).port), dir, child }
}

/** Runs the program to its end: for commands, and for a `serve` that must not start. */
export async function runCli(args: readonly string[], env: Record<string, string> = {}, input = '') {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...userEnv(), ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

// As a user's shell has it: the test runner's loaders and coverage would slow every start down and change what runs.
function userEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE_|TAP|_TAPJS)/.test(name)))
}

function observe(child: ChildProcess) {
  const records: AuditRecord[] = []
  const waiting = new Set<() => void>()
  let errors = ''
  const exited = once(child, 'close').then(([code]) => code as number | null)

  createInterface({ input: child.stdout! }).on('line', line => {
    records.push(JSON.parse(line))
    for (const check of waiting) check()
  })
  const started = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr! }).on('line', line => {
      errors += `${line}\n`
      const url = /"event":"gateway.started","url":"([^"]+)"/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
    void exited.then(code => reject(new Error(`the gateway exited with ${code}:\n${errors}`)))
  })
  started.catch(() => {})

  return {
    records,
    started,
    stderr: () => errors,
    record: (fits: (record: AuditRecord) => boolean) =>
      new Promise<AuditRecord>(resolve => {
        const check = (): void => {
          const found = records.find(fits)
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
    stop: () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return exited
    },
  }
}

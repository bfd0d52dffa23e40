import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { assertAuditRecord } from './audit-schema.js'
import { spawnNode } from './spawn-node.js'
import { workDir } from './work-dir.js'

/** One line of the audit log. */
export type AuditRecord = Record<string, unknown> & { event: string }

export interface TestGateway {
  readonly url: string
  readonly port: number
  /** The admin listener's URL; empty with `--admin off`. */
  readonly admin: string
  /** The directory with `policy.yaml`, the file that the gateway serves. */
  readonly dir: string
  readonly child: ChildProcess
  /** The audit records of decisions and of the policy so far, in order. */
  readonly records: AuditRecord[]
  /** All audit records so far, those about upstreams and the log itself included. */
  readonly allRecords: AuditRecord[]
  /** Everything on stderr so far. */
  stderr(): string
  /** Resolves with the first match in what is on stderr, now or later: the log is another stream than the answers. */
  logged(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the first record, past or future, that fits. */
  record(fits: (record: AuditRecord) => boolean): Promise<AuditRecord>
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>
}

export interface GatewayOptions {
  readonly policy: string
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[]
  /** Where a settings file sends the records elsewhere; of flags and variables it is seen. */
  readonly recordsInFile?: true
}

/** The built program, as a user runs it. `npm test` builds it first. */
export const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js')

/**
 * Starts the real gateway process on a free port and waits until it serves, and until its first record is there where it
 * comes on stdout: what is counted from then on is what the test has done. Ended with the test.
 */
export async function startGateway(t: Test, options: GatewayOptions): Promise<TestGateway> {
  const dir = workDir(t)
  writeFileSync(join(dir, 'policy.yaml'), options.policy)
  // One record for each denial, unless a test is about folding.
  const defaults = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--audit-window', '0']
  const flags = ['--policy', join(dir, 'policy.yaml'), ...defaults, ...(options.flags ?? [])]
  const child = spawnNode([...(options.nodeFlags ?? []), MAIN, 'serve', ...flags], options.env)

  const gateway = observe(child, !flags.includes('--audit-format'))
  t.teardown(async () => {
    await gateway.stop()
  })
  const url = await gateway.started
  const admin = flags.includes('off') ? '' : await gateway.admin
  const toFile =
    options.recordsInFile ??
    (flags.includes('--audit-file') || options.env?.['CROSSGATE_AUDIT_FILE'] !== undefined)
  if (!toFile) await gateway.record(() => true)
  return { ...gateway, url, admin, port: Number(new URL(url).port), dir, child }
}

/** Runs the program to its end: for commands, and for a `serve` that must not start. */
export async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
  cwd?: string,
) {
  const child = spawnNode([MAIN, ...args], env, cwd)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  // Who refuses what it was asked does not wait for its input.
  child.stdin.on('error', () => {}).end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

function observe(child: ChildProcess, validate: boolean) {
  const records: AuditRecord[] = []
  const allRecords: AuditRecord[] = []
  const waiting = new Set<() => void>()
  const waitingForLog = new Set<() => void>()
  let errors = ''
  const exited = once(child, 'close').then(([code]) => code as number | null)

  createInterface({ input: child.stdout! }).on('line', line => {
    const record = JSON.parse(line) as AuditRecord
    if (validate) assertAuditRecord(record)
    allRecords.push(record)
    if (/^(cors|policy)\./.test(record.event)) records.push(record)
    for (const check of waiting) check()
  })
  createInterface({ input: child.stderr! }).on('line', line => {
    errors += `${line}\n`
    for (const check of waitingForLog) check()
  })
  const logged = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = pattern.exec(errors)
        if (found === null) return
        waitingForLog.delete(check)
        resolve(found)
      }
      waitingForLog.add(check)
      check()
      void exited.then(code =>
        reject(new Error(`the gateway exited with ${code}, without ${pattern}:\n${errors}`)),
      )
    })
  const urlIn = async (event: string): Promise<string> =>
    (await logged(new RegExp(`"event":"${event}","url":"([^"]+)"`)))[1]!
  const started = urlIn('gateway.started')
  const admin = urlIn('admin.started')
  started.catch(() => {})
  admin.catch(() => {})

  return {
    records,
    allRecords,
    started,
    admin,
    stderr: () => errors,
    logged,
    record: (fits: (record: AuditRecord) => boolean) =>
      new Promise<AuditRecord>(resolve => {
        const check = (): void => {
          const found = allRecords.find(fits)
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

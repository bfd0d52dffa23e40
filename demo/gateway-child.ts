import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { accepts } from './listen.js'
import { HOST } from './ports.js'
import { projectRoot } from './project-root.js'

export interface GatewayChild {
  readonly url: string
  /** The console. */
  readonly adminUrl: string
  /** Resolves to the exit code when the process ends, by whatever cause. */
  readonly exited: Promise<number>
  stop(): Promise<void>
}

/** The gateway ended before it served anything; what it had to say stands on stderr. */
export class GatewayExitedError extends Error {
  constructor(readonly code: number) {
    super(`the gateway stopped with exit code ${code} before it was ready`)
  }
}

export interface GatewayOptions {
  readonly port: number
  readonly adminPort: number
  /** Path of the policy. */
  readonly policy: string
  /** Gets each line of the audit log; without it they go to this process's stdout. */
  readonly onAuditLine?: ((line: string) => void) | undefined
}

/** Runs `crossgate serve` as users do, as a process of its own, and resolves when it accepts connections. */
export async function startGatewayChild({
  port,
  adminPort,
  policy,
  onAuditLine,
}: GatewayOptions): Promise<GatewayChild> {
  const main = join(projectRoot(), 'dist/cli/main.js')
  const listeners = ['--listen', `${HOST}:${port}`, '--admin', `${HOST}:${adminPort}`]
  // Each refusal is shown, also the second of its kind.
  const flags = ['--policy', policy, ...listeners, '--audit-window', '0']
  const child = spawn(process.execPath, [main, 'serve', ...flags], {
    stdio: ['ignore', onAuditLine === undefined ? 'inherit' : 'pipe', 'inherit'],
  })
  if (child.stdout !== null && onAuditLine !== undefined) {
    createInterface({ input: child.stdout }).on('line', onAuditLine)
  }
  const orphanGuard = () => child.kill()
  process.once('exit', orphanGuard)

  let ended = false
  const exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
    ended = true
    process.off('exit', orphanGuard)
    return typeof code === 'number' ? code : 128 + constants.signals[signal as NodeJS.Signals]
  })
  const stop = async () => {
    child.kill('SIGTERM')
    const deadline = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS)
    await exited
    clearTimeout(deadline)
  }

  for (const deadline = Date.now() + START_MS; !(await accepts(HOST, port)); await sleep(50)) {
    if (ended) throw new GatewayExitedError(await exited)
    if (Date.now() < deadline) continue
    await stop()
    throw new Error(`the gateway did not accept connections on port ${port} within ${START_MS / 1000} s`)
  }
  if (ended) throw new GatewayExitedError(await exited)
  return { url: `http://${HOST}:${port}`, adminUrl: `http://${HOST}:${adminPort}`, exited, stop }
}

const START_MS = 15_000
const DRAIN_MS = 10_000

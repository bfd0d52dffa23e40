import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What a command wrote and how it ended. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** The day on which `runCommands` has its commands decide. */
export const COMMANDS_DAY = '2027-01-01'

/**
 * Runs many commands of the built program in one process, one after the other: a process for each takes too long. Not
 * for usage errors, which end the process.
 */
export async function runCommands(
  cwd: string,
  invocations: readonly (readonly string[])[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly CommandResult[]> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'run-commands.mjs'), `${COMMANDS_DAY}T12:00:00Z`],
    {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const chunks: Buffer[] = []
  child.stdout.on('data', chunk => chunks.push(chunk))
  child.stdin.end(JSON.stringify(invocations))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the commands ended with ${code}`)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/**
 * Spawns Node as a user's shell does: the test runner's loaders and coverage double the time of a start, and hear
 * signals themselves. The runner adds them to whatever is spawned, below `spawn`'s own environment, whence `env -u`.
 */
export function spawnNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): ChildProcessWithoutNullStreams {
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return spawn('env', ['-u', 'NODE_OPTIONS', ...set, process.execPath, ...args], {
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !RUNNERS.test(name))),
    ...(cwd !== undefined && { cwd }),
  })
}

const RUNNERS = /^(NODE_|TAP|_TAPJS)/

import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'

/** Ends a thread without waiting for it: one that hangs in a system call, on a mount that stalls, ends when that does. */
export function giveUp(thread: Worker): void {
  const ended = thread.terminate().then(() => {
    left.delete(ended)
  })
  left.add(ended)
}

/**
 * To be called before the end of the process, which would wait for those threads for ever: if one still hangs, the process is killed.
 * By then there is nothing left to lose.
 */
export async function endProcessThreads(): Promise<void> {
  if (left.size === 0) return
  await Promise.race([Promise.all(left), sleep(GRACE_MILLISECONDS)])
  if (left.size > 0) process.kill(process.pid, 'SIGKILL')
}

const left = new Set<Promise<void>>()
const GRACE_MILLISECONDS = 1_000

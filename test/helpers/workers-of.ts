import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The process ids of the workers of a gateway, in the order of their birth; none once it has ended. Linux alone. */
export function workersOf({ pid, exitCode, signalCode }: ChildProcess): readonly number[] {
  if (exitCode !== null || signalCode !== null) return []
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.trim().split(' ').filter(Boolean).map(Number)
}

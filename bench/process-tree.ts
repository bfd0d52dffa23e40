import { readdirSync, readFileSync } from 'node:fs'

/** Resident memory of a process and its descendants, in bytes. */
export function residentBytes(pid: number): number {
  return sum(
    family(pid).map(each => {
      const status = tryOr('', () => readFileSync(`/proc/${each}/status`, 'utf8'))
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
    }),
  )
}

/** User and system time that a process and its descendants have used, in seconds, to a hundredth. */
export function processorSeconds(pid: number): number {
  return sum(
    family(pid).map(each => {
      const fields =
        tryOr('', () => readFileSync(`/proc/${each}/stat`, 'utf8'))
          .split(') ')[1]
          ?.split(' ') ?? []
      return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100
    }),
  )
}

/** A process and its descendants. */
export function family(pid: number): readonly number[] {
  const threads = tryOr([], () => readdirSync(`/proc/${pid}/task`))
  const children = threads.flatMap(thread =>
    tryOr('', () => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
  return [pid, ...children.flatMap(family)]
}

/** Threads and processes may end between two looks. */
function tryOr<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

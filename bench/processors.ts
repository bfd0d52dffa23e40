import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Which processor each part of the benchmark is kept on; undefined where there are too few for all. */
export interface Places {
  readonly proxy: number
  readonly load: number
  readonly upstream: number
}

export function choosePlaces(): Places | undefined {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const allowed = list.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number) as [number, number?]
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  const [upstream, load, proxy] = allowed.slice(-3)
  if (proxy === undefined || spawnSync('taskset', ['--version']).status !== 0) return undefined
  return { proxy, load: load!, upstream: upstream! }
}

/** The command, kept on that processor. */
export function pinned(processor: number | undefined, command: readonly string[]): readonly string[] {
  return processor === undefined ? command : ['taskset', '-c', String(processor), ...command]
}

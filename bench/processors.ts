import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/**
 * Which processor each part of the benchmark is kept on: the proxy on the last, far from the others, since neighbours are
 * often two threads of one core.
 */
export interface Places {
  readonly proxy: number
  readonly load: number
  readonly upstream: number
}

/** Undefined where there are too few processors for all. */
export function choosePlaces(): Places | undefined {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const allowed = list.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number) as [number, number?]
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  const [upstream, load] = allowed
  if (allowed.length < 3 || spawnSync('taskset', ['--version']).status !== 0) return undefined
  return { proxy: allowed.at(-1)!, load: load!, upstream: upstream! }
}

/**
 * Keeps idle processors from sleeping until it is called off (Linux, "PM QoS interface"). Who writes to a socket wakes
 * its reader, and waking a processor that sleeps costs the writer several microseconds, in a virtual machine above all:
 * a proxy would be charged for how long the load generator slept, the quicker ones most.
 *
 * @returns undefined where that is not permitted
 */
export function keepAwake(): (() => void) | undefined {
  try {
    const file = openSync('/dev/cpu_dma_latency', 'w')
    writeSync(file, new Int32Array([0]))
    return () => closeSync(file)
  } catch {
    return undefined
  }
}

/** The command, kept on that processor. */
export function pinned(processor: number | undefined, command: readonly string[]): readonly string[] {
  return processor === undefined ? command : ['taskset', '-c', String(processor), ...command]
}

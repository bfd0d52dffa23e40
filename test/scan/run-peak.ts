import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { MAIN } from '../helpers/gateway.js'
import { spawnNode } from '../helpers/spawn-node.js'

/** Runs the program and reads its peak of memory, in MB, while it is there. */
export async function runPeak(args: readonly string[], started: (child: ChildProcess) => void = () => {}) {
  const begin = Date.now()
  const child = spawnNode([MAIN, ...args])
  let [stdout, stderr, peak] = ['', '', 0]
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
    peak = Math.max(peak, peakOf(child.pid))
  })
  started(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr, peak, seconds: (Date.now() - begin) / 1000 }
}

function peakOf(pid: number | undefined): number {
  try {
    return Math.round(
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    )
  } catch {
    return 0
  }
}

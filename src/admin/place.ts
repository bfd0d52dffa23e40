import type { Position } from '../policy/problems/problem.js'

/** `policy.yaml:12`: the line that says so, without the directory. */
export function place({ file, line }: Position): string {
  return `${file.split('/').at(-1)}:${line}`
}

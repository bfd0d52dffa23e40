import { statSync } from 'node:fs'
import { policyPaths } from './policy-source.js'

/** What the file system says of a policy's files, and of those that it names. */
export interface PolicyStamp {
  /** The same where the files are the same and nobody has written to them. */
  readonly text: string
  /** When the latest change was, Unix milliseconds. */
  readonly changed: number
}

/**
 * Looks at a policy's files without reading them: a list of 100,000 origins takes 20 ms to read and hash, each time a
 * pause for every request. By the time of the inode's change too, which nobody can set.
 *
 * @returns undefined where one of them cannot be looked at
 */
export function stampOf(path: string, extraFiles: readonly string[]): PolicyStamp | undefined {
  try {
    let text = ''
    let changed = 0
    for (const file of [...policyPaths(path), ...extraFiles]) {
      const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(file, { bigint: true })
      text += `${file} ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}\n`
      changed = Math.max(changed, Number(ctimeMs))
    }
    return { text, changed }
  } catch {
    return undefined
  }
}

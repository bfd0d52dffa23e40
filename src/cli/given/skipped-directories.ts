import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isPolicyName } from '../../gateway/loading/policy-source.js'

/** The directories in a policy directory that hold what could be taken for a part of the policy, and is none. */
export function skippedDirectories(path: string): readonly string[] {
  return namesIn(path)
    .filter(name => !name.startsWith('.'))
    .map(name => join(path, name))
    .filter(directory => namesIn(directory).some(isPolicyName))
}

/** None where it is no directory that can be read: whoever reads the policy says so. */
function namesIn(path: string): readonly string[] {
  try {
    return statSync(path).isDirectory() ? readdirSync(path).sort() : []
  } catch {
    return []
  }
}

import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { whyUnreadable } from './file-failure.js'
import { readRegularFile } from './read-regular-file.js'

/** A policy file as read: its path as it is shown to people, and its text. */
export interface PolicyFile {
  readonly file: string
  readonly text: string
}

/**
 * Reads the policy: one file, standard input for `-`, or every `*.yaml` and `*.yml` of a directory in name order (expectations in
 * `*.test.yaml` aside). Names that start with a dot are skipped: in a ConfigMap mount they are the generations, and
 * all files are read from the one that `..data` names now, never a mix of two.
 *
 * @param serving it will be read again, so it has to be of regular files; a command may be given a pipe as well.
 * @throws Error with one sentence, where the path cannot be read or holds no policy; its cause is the system's error.
 */
export function readPolicyFiles(path: string, serving = false): readonly PolicyFile[] {
  try {
    if (path === '-') return [{ file: '<stdin>', text: readFileSync(0, 'utf8') }]
    const found = policyPaths(path)
    if (found[0] === path)
      return serving ? [readPolicyFile(path)] : [{ file: path, text: readFileSync(path, 'utf8') }]
    if (found.length === 0) throw new Error(`${path} holds no *.yaml or *.yml file`)
    return found.map(file => ({ ...readPolicyFile(file), file: join(path, basename(file)) }))
  } catch (error) {
    const { code, path: failed = path } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    // Of a directory, it may be one of its files.
    const at = failed === path ? path : `${path} (${failed})`
    throw new Error(`cannot read the policy at ${at}: ${whyUnreadable(error)}`, { cause: error })
  }
}

/**
 * Where a policy at a path is read from: its file, or those of the directory.
 *
 * @throws ErrnoException
 */
export function policyPaths(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  const directory = currentGeneration(path)
  return readdirSync(directory)
    .filter(isPolicyName)
    .sort()
    .map(name => join(directory, name))
}

/** True for a file that is part of a policy, and no expectations. */
export function isPolicyName(name: string): boolean {
  return /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name) && !name.startsWith('.')
}

// Kubernetes swaps the symbolic link `..data` and thereby every file of the mount at once.
function currentGeneration(path: string): string {
  try {
    return realpathSync(join(path, '..data'))
  } catch {
    return path
  }
}

function readPolicyFile(file: string): PolicyFile {
  return { file, text: readRegularFile(file).toString() }
}

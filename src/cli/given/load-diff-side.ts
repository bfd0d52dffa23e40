import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type LoadOptions,
  type LoadResult,
  loadPolicy,
  loadPolicyFiles,
} from '../../gateway/loading/load-policy.js'
import { isPolicyName, type PolicyFile } from '../../gateway/loading/policy-source.js'

/**
 * Loads one side of a comparison: a path as for every command, or `git:REV:PATH` for what it was in a revision.
 *
 * @throws Error with one sentence, where it cannot be read.
 */
export function loadDiffSide(side: string, options: LoadOptions = {}): LoadResult {
  if (!side.startsWith('git:')) {
    if (LIKE_A_REVISION.test(side) && !existsSync(side))
      throw new Error(`there is no file or directory ${side}; did you mean git:${side}?`)
    return loadPolicy(side, options)
  }
  const [, revision, path] = /^git:([^:]+):(.+)$/.exec(side) ?? []
  if (revision === undefined || path === undefined || revision.startsWith('-')) {
    throw new Error(`${side} is not git:REV:PATH, such as git:origin/main:config/policy.yaml`)
  }
  return loadPolicyFiles(readRevision(revision, path.replace(/\/+$/, '')), options)
}

function readRevision(revision: string, path: string): readonly PolicyFile[] {
  // `./` makes it relative to here and not to the top of the repository.
  const object = (name: string) => `${revision}:./${name}`
  if (git('cat-file', '-t', object(path)).trim() === 'blob') {
    return [{ file: path, text: git('show', object(path)) }]
  }
  const names = git('ls-tree', '--name-only', '-z', object(path)).split('\0').filter(isPolicyName).sort()
  if (names.length === 0) throw new Error(`git:${revision}:${path} holds no *.yaml or *.yml file`)
  return names.map(name => ({ file: join(path, name), text: git('show', object(`${path}/${name}`)) }))
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, {
      encoding: 'utf8',
      maxBuffer: MAX_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string }
    if (code === 'ENOENT') throw new Error('there is no git to read the revision with')
    const why = (stderr ?? '')
      .trim()
      .replace(/^fatal: /, '')
      .replaceAll(/\s*\n\s*/g, '; ')
    throw new Error(`git cannot read it: ${why}`)
  }
}

/** `HEAD~1:policy.yaml`, and no path of its own that begins with a dot or a slash. */
const LIKE_A_REVISION = /^[^-./:][^:]*:[^:]+$/
const MAX_BYTES = 64 * 1024 * 1024

import { readFileSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkCeiling } from '../../policy/ceiling/check-ceiling.js'
import { readCeiling } from '../../policy/ceiling/read-ceiling.js'
import { compilePolicy } from '../../policy/compiled/compile.js'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import type { Problem } from '../../policy/problems/problem.js'
import { resolvePolicy } from '../../policy/resolve/resolve.js'
import { whyUnreadable } from './file-failure.js'
import { type PolicyFile, readPolicyFiles } from './policy-source.js'
import { readRegularFile } from './read-regular-file.js'
import { tlsProblems } from './tls-material.js'

/** A policy ready to serve, or everything that is wrong with it. The same for every command. */
export type LoadResult =
  | {
      readonly policy: CompiledPolicy
      readonly problems: readonly Problem[]
      readonly files: readonly PolicyFile[]
    }
  | {
      readonly policy: undefined
      readonly problems: readonly Problem[]
      readonly files: readonly PolicyFile[]
    }

export interface LoadOptions {
  /** A file that bounds what the policy may open. */
  readonly ceiling?: string | undefined
  /** The policy is to be served, here and now: its TLS files have to be there, the ceiling is read again and again. */
  readonly serving?: boolean
}

/**
 * Reads, resolves and compiles the policy at `path`: a file, a directory, or `-` for standard input.
 *
 * @throws Error with one sentence, where it cannot be read.
 */
export function loadPolicy(path: string, options: LoadOptions = {}): LoadResult {
  return loadPolicyFiles(readPolicyFiles(path, options.serving), options)
}

/** Resolves, bounds and compiles a policy whose text is there already. */
export function loadPolicyFiles(
  read: readonly PolicyFile[],
  { ceiling, serving = false }: LoadOptions = {},
): LoadResult {
  const policyFiles = withoutCeiling(read, ceiling)
  const bounds = ceiling === undefined ? undefined : readCeiling(readCeilingFile(ceiling, serving))
  const files = bounds === undefined ? policyFiles : [...policyFiles, bounds.file]
  if (policyFiles.length === 0 && bounds !== undefined) {
    if (bounds.ceiling === undefined) return { policy: undefined, problems: bounds.problems, files }
    throw new Error(`there is no policy file but ${bounds.file.file}, which is the ceiling`)
  }
  const { policy, problems } = resolvePolicy(policyFiles)
  if (bounds !== undefined && bounds.ceiling === undefined)
    return { policy: undefined, problems: [...problems, ...bounds.problems], files }
  if (policy === undefined) return { policy, problems, files }
  const beyond = bounds?.ceiling === undefined ? [] : checkCeiling(policy, bounds.ceiling, Date.now())
  if (beyond.length > 0) return { policy: undefined, problems: [...problems, ...beyond], files }
  const found = [...problems, ...tlsProblems(policy, serving ? 'error' : 'info')]
  if (found.some(({ severity }) => severity === 'error')) return { policy: undefined, problems: found, files }
  return { policy: compilePolicy(policy), problems: found, files }
}

/** A ceiling may lie in the directory that it bounds; it is no part of the policy then. */
export function withoutCeiling(
  read: readonly PolicyFile[],
  ceiling: string | undefined,
): readonly PolicyFile[] {
  if (ceiling === undefined) return read
  const own = realPath(ceiling)
  return read.filter(({ file }) => realPath(file) !== own)
}

// The directory of either may be a link.
function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return resolve(file)
  }
}

function readCeilingFile(file: string, serving: boolean): PolicyFile {
  try {
    return { file, text: serving ? readRegularFile(file).toString() : readFileSync(file, 'utf8') }
  } catch (error) {
    throw new Error(`cannot read the ceiling at ${file}: ${whyUnreadable(error)}`)
  }
}

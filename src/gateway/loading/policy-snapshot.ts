import { createHash } from 'node:crypto'
import { lstatSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type PolicyFile, readPolicyFiles } from './policy-source.js'
import { readRegularFile } from './read-regular-file.js'

/** The policy's files at one moment, and what they are known by. */
export interface PolicySnapshot {
  /** Empty where they could not be read. */
  readonly files: readonly PolicyFile[]
  /** SHA-256 over names and contents, or over why they could not be read. */
  readonly content: string
  /** `content` and the contents of the files that the policy names: what a change is known by. */
  readonly hash: string
  /** Why they could not be read, in one sentence. */
  readonly error: string | undefined
  /** True where it could not be read for want of descriptors or memory, which says nothing about it. */
  readonly starved: boolean
  /** True where the content cannot be half-written: it came by the rename of a ConfigMap's `..data`. */
  readonly atomic: boolean
}

/** Reads the policy at `path` and hashes it, with the files that it names (TLS material). Never throws. */
export function snapshotPolicy(path: string, extraFiles: readonly string[] = []): PolicySnapshot {
  let starved = false
  const note = (error: unknown): void => {
    starved ||= isStarved(error)
  }
  const extra = extraFiles.flatMap(file => [file, bytesOf(file, note)])
  const known = (parts: readonly string[]) => {
    const content = hashOf(parts)
    return { content, hash: hashOf([content, ...extra]) }
  }
  try {
    const files = readPolicyFiles(path, true)
    const parts = files.flatMap(({ file, text }) => [file, text])
    return { files, ...known(parts), error: undefined, starved, atomic: isConfigMap(path) }
  } catch (error) {
    const { message, cause } = error as Error
    note(cause)
    return { files: [], ...known([message]), error: message, starved, atomic: false }
  }
}

function hashOf(parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}

// Their bytes, for whoever writes a file in place can leave it its size and its time.
function bytesOf(file: string, failed: (error: unknown) => void): Buffer | string {
  try {
    return readRegularFile(file)
  } catch (error) {
    failed(error)
    return 'unreadable'
  }
}

function isStarved(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}

function isConfigMap(path: string): boolean {
  try {
    const directory = statSync(path).isDirectory() ? path : dirname(path)
    if (!lstatSync(join(directory, '..data')).isSymbolicLink()) return false
    return directory === path || readlinkSync(path).startsWith('..data/')
  } catch {
    return false
  }
}

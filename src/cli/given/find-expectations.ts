import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { PolicyFile } from '../../gateway/loading/policy-source.js'
import { readNamedFile } from './named-file.js'

/** Files of expectations, and the policy that is meant where they do not say. */
export interface ExpectationSource {
  readonly files: readonly PolicyFile[]
  readonly policy: string
}

/**
 * Finds what a PATH of `crossgate test` means: a file of expectations, a directory with its `*.test.yaml`, or a
 * policy file with those named after it.
 *
 * @throws Error with one sentence, where there is nothing to test.
 */
export function findExpectations(path: string): ExpectationSource {
  if (!existsSync(path)) throw new Error(`there is no file or directory ${path}`)
  if (statSync(path).isDirectory()) return { files: readAll(path, isExpectations, path), policy: path }
  if (isExpectations(path)) return { files: [read(path)], policy: policyBeside(path) }
  const stem = basename(path).replace(/\.ya?ml$/, '.')
  const isOurs = (name: string) => isExpectations(name) && name.startsWith(stem)
  return { files: readAll(dirname(path), isOurs, path), policy: path }
}

function readAll(
  directory: string,
  isWanted: (name: string) => boolean,
  path: string,
): readonly PolicyFile[] {
  const names = readdirSync(directory).filter(isWanted).sort()
  if (names.length === 0) throw new Error(`${path} has no *.test.yaml beside it: there is nothing to test`)
  return names.map(name => read(join(directory, name)))
}

function read(file: string): PolicyFile {
  return { file, text: readNamedFile(file) }
}

// orders.test.yaml and orders.admin.test.yaml are about orders.yaml; else about the directory.
function policyBeside(file: string): string {
  const [stem = ''] = basename(file).split('.')
  const candidates = [`${stem}.yaml`, `${stem}.yml`].map(name => join(dirname(file), name))
  return (
    candidates.find(candidate => existsSync(candidate) && resolve(candidate) !== resolve(file)) ??
    dirname(file)
  )
}

function isExpectations(name: string): boolean {
  return /\.test\.ya?ml$/.test(name) && !basename(name).startsWith('.')
}

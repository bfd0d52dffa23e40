import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { whyUnreadable, whyUnwritable } from '../../gateway/loading/file-failure.js'

/**
 * Reads a file that the command line names; `-` is standard input.
 *
 * @param what what it is, to go before its path: `the settings file `
 * @throws Error with one sentence
 */
export function readNamedFile(path: string, what = '', encoding: 'utf8' | 'latin1' = 'utf8'): string {
  try {
    return readFileSync(path === '-' ? 0 : path, encoding)
  } catch (error) {
    throw new Error(`cannot read ${what}${nameOf(path)}: ${whyUnreadable(error)}`)
  }
}

/**
 * Writes a file that the command line names.
 *
 * @throws Error with one sentence
 */
export function writeNamedFile(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new Error(`cannot write ${path}: ${whyUnwritable(error)}`)
  }
}

/** A path that a file writes: relative to that file. */
export function besideFile(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}

/** What to call it in a sentence. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path
}

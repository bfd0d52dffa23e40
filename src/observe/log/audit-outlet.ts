import { constants, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Outlet } from './outlet.js'
import { standardOutlet } from './standard-outlet.js'

/** @param path a file's path; `-` is stdout */
export function auditOutlet(path: string): Outlet {
  return path === '-' ? standardOutlet(1) : { isFile: true, open: () => open(path), unblock() {} }
}

function open(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new Error(`cannot open the audit file ${path}: ${OPEN_ERRORS[code]?.(dirname(path)) ?? code}`)
  }
}

// A directory that is not there is more often a mistyped name than one to be made.
const OPEN_ERRORS: Readonly<Record<string, (directory: string) => string>> = {
  ENOENT: directory => `there is no directory ${directory}; make it, or correct the path`,
  ENOTDIR: directory => `${directory} leads through a file; correct the path`,
  EISDIR: () => 'it is a directory; name a file in it',
  EACCES: directory =>
    `permission denied; this user must be able to write it, and to make files in ${directory}`,
  ENXIO: () => 'it is a pipe that nobody reads',
}

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants

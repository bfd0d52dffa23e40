import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'

/**
 * Reads a file that is there to be read again and again. Anything but a regular file, or a link to one, could keep the
 * reader waiting for ever (a pipe that nobody writes), give something else each time, or never end (a device).
 *
 * @throws ErrnoException; with the code `NOT_REGULAR`, its message says what the path is instead.
 */
export function readRegularFile(path: string): Buffer {
  // A look before the opening, which does something to some devices; and one after it, since the name may have moved on.
  refuse(statSync(path))
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    refuse(fstatSync(file))
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** Why a file could not be read, to go after a colon. */
export function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined || code === NOT_REGULAR ? message : code
}

export const NOT_REGULAR = 'NOT_REGULAR'

function refuse(stats: Stats): void {
  if (stats.isFile()) return
  if (stats.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
  const kind = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device'
  throw Object.assign(new Error(`it is ${kind}; name a regular file, or a link to one`), {
    code: NOT_REGULAR,
  })
}

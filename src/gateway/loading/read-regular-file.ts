import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'

/**
 * Reads a file that is there to be read again and again. Anything but a regular file, or a link to one, could keep the
 * reader waiting for ever (a pipe that nobody writes), give something else each time, or never end (a device).
 *
 * @throws ErrnoException; where it is no regular file, the message says what it is instead.
 */
export function readRegularFile(path: string): Buffer {
  // A look before the opening, which does something to some devices; and one after it, since the name may have moved on.
  refuse(statSync(path), path)
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    refuse(fstatSync(file), path)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

function refuse(stats: Stats, path: string): void {
  if (stats.isFile()) return
  const kinds = [
    stats.isDirectory() && 'a directory',
    stats.isFIFO() && 'a pipe',
    stats.isSocket() && 'a socket',
    'a device',
  ]
  const kind = kinds.find(Boolean)
  throw Object.assign(new Error(`it is ${kind}; name a regular file, or a link to one`), {
    code: 'NOT_REGULAR',
    path,
  })
}

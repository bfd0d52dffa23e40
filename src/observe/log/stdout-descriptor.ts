import { constants, fstatSync, openSync } from 'node:fs'

/** Where lines for stdout go, and what keeps a write to it from waiting for its reader. */
export interface StdoutDescriptor {
  readonly fd: number
  /** To be called before each write. */
  unblock(): void
}

/**
 * A descriptor of stdout that answers EAGAIN where the reader stalls, instead of stopping the whole process inside write(2).
 * Whether it does so is a property of what all processes share that inherited it: with `--workers`, each one that starts
 * or ends makes it block for all others. A pipe can be opened anew, and what is opened anew is not shared; a socket cannot,
 * and is set back each time.
 */
export function stdoutDescriptor(): StdoutDescriptor {
  const kind = fstatSync(1)
  // Looking at it makes Node set it non-blocking, save for a terminal.
  const { stdout } = process
  if (kind.isFIFO()) {
    try {
      const fd = openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK)
      return { fd, unblock() {} }
    } catch {
      // Without /proc, or as another user than the one who made it.
    }
  }
  if (!kind.isFIFO() && !kind.isSocket()) return { fd: 1, unblock() {} }
  const { _handle: handle } = stdout as unknown as { _handle?: { setBlocking?(blocks: boolean): void } }
  return { fd: 1, unblock: () => handle?.setBlocking?.(false) }
}

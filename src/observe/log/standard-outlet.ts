import { constants, fstatSync, openSync, type Stats } from 'node:fs'
import type { Outlet } from './outlet.js'

/**
 * Stdout (1) or stderr (2), by a descriptor that answers EAGAIN where the reader stalls, instead of stopping the whole
 * process inside write(2). Whether it does so is a property of what all processes share that inherited it: with `--workers`,
 * each one that starts or ends makes it block for all others. A pipe or a terminal can be opened anew, and what is opened
 * anew is not shared; a socket cannot, and is set back each time.
 */
export function standardOutlet(number: 1 | 2): Outlet {
  const kind = fstatSync(number)
  const anew = opensAnew(kind) ? openAnew(number) : undefined
  const shared = anew === undefined && (kind.isFIFO() || kind.isSocket())
  const handle = shared ? handleOf(number) : undefined
  return { isFile: false, open: () => anew ?? number, unblock: () => handle?.setBlocking?.(false) }
}

function opensAnew(kind: Stats): boolean {
  return kind.isFIFO() || kind.isCharacterDevice()
}

function openAnew(number: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${number}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    // Without /proc, or as another user than the one who made it.
    return undefined
  }
}

function handleOf(number: 1 | 2): { setBlocking?(blocks: boolean): void } | undefined {
  // Looking at it makes Node set it non-blocking, save for a terminal.
  const stream = number === 1 ? process.stdout : process.stderr
  return (stream as unknown as { _handle?: { setBlocking?(blocks: boolean): void } })._handle
}

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants

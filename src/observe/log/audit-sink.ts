import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AuditTrouble } from './audit-trouble.js'
import { Patience } from './patience.js'
import { type StdoutDescriptor, stdoutDescriptor } from './stdout-descriptor.js'

export interface AuditSinkOptions {
  /** A file's path; `-` is stdout. */
  readonly path: string
  /** Bytes of lines that may wait while the destination takes none. */
  readonly bufferBytes: number
  onWritten(): void
  onDropped(): void
  /** The destination began to fail. */
  onFailing(error: NodeJS.ErrnoException): void
  /** It takes lines again and has all that waited; `dropped` did not fit meanwhile. */
  onRecovered(dropped: number): void
}

/**
 * Writes whole lines, synchronously: when `write` returns, the kernel has the line, and whatever kills the process
 * next cannot take it back. Where the destination takes nothing (full disk, stalled reader) lines wait in memory, in
 * order and within a bound; those beyond it are dropped and counted. A reader that is only late is waited for, but the event loop
 * stands still for 100 ms at once and 2 % of the time at most, so that a slow reader is a failing one, and said to be, and
 * not a slow gateway: sonic-boom sleeps 100 ms for every retry of every line, and keeps all of them.
 */
export class AuditSink {
  readonly #options: AuditSinkOptions
  readonly #stdout: StdoutDescriptor | undefined
  readonly #patience = new Patience(100, 5_000)
  /** Undefined once it is closed: the kernel gives the number to the next file or socket. */
  #fd: number | undefined
  #backlog: Buffer[] = []
  #backlogBytes = 0
  /** How much of the backlog's first line is out already. */
  #torn = 0
  #dropped = 0
  /** Undefined while it takes lines. */
  #failure: Pick<AuditTrouble, 'since' | 'code'> | undefined
  #retry: NodeJS.Timeout | undefined

  /** @throws Error with one sentence, where the file cannot be opened. */
  constructor(options: AuditSinkOptions) {
    this.#options = options
    this.#stdout = options.path === '-' ? stdoutDescriptor() : undefined
    this.#fd = this.#stdout?.fd ?? open(options.path)
  }

  get failing(): boolean {
    return this.#failure !== undefined
  }

  /** Undefined while it is not failing. */
  get trouble(): AuditTrouble | undefined {
    return this.#failure && { ...this.#failure, waiting: this.#backlog.length, dropped: this.#dropped }
  }

  get backlogBytes(): number {
    return this.#backlogBytes
  }

  /** @param line with its line break; dropped once the sink is closed */
  write(line: string): void {
    if (this.#fd === undefined) {
      this.#options.onDropped()
      return
    }
    const bytes = Buffer.from(line)
    if (this.failing) {
      this.#keep(bytes)
      return
    }
    const written = this.#put(bytes, 0, this.#patience)
    if (written === bytes.length) this.#options.onWritten()
    else {
      this.#torn = written
      this.#keep(bytes)
    }
  }

  /** Opens the path anew, after a rename; the old file stays in use where that fails. Once closed it does nothing. */
  reopen(): void {
    if (this.#options.path === '-' || this.#fd === undefined) return
    const fd = open(this.#options.path)
    closeSync(this.#fd)
    this.#fd = fd
    // A line that is half in the old file is written again, whole, to the new one.
    this.#torn = 0
    this.#drain(NO_PATIENCE)
  }

  /** Last attempt for what waits, for a second at most; what is still not out is dropped. */
  close(): void {
    const fd = this.#fd
    if (fd === undefined) return
    clearInterval(this.#retry)
    this.#drain(new Patience(1_000))
    for (const _ of this.#backlog.splice(0)) this.#options.onDropped()
    this.#backlogBytes = 0
    this.#fd = undefined
    if (this.#options.path !== '-') closeSync(fd)
  }

  #keep(bytes: Buffer): void {
    // The first one is always kept. It may be half out, and the next one must not be glued to it; and while nothing waits,
    // nothing would be tried again, so that nobody could say whether the destination takes lines.
    if (this.#backlog.length > 0 && this.#backlogBytes + bytes.length > this.#options.bufferBytes) {
      this.#dropped++
      this.#options.onDropped()
      return
    }
    this.#backlog.push(bytes)
    this.#backlogBytes += bytes.length
  }

  #drain(patience: Patience): void {
    while (this.#backlog.length > 0) {
      const bytes = this.#backlog[0]!
      const written = this.#put(bytes, this.#torn, patience)
      if (written < bytes.length) {
        this.#torn = written
        return
      }
      this.#torn = 0
      this.#backlog.shift()
      this.#backlogBytes -= bytes.length
      this.#options.onWritten()
    }
    this.#recovered()
  }

  #recovered(): void {
    if (!this.failing) return
    this.#failure = undefined
    clearInterval(this.#retry)
    this.#retry = undefined
    const dropped = this.#dropped
    this.#dropped = 0
    this.#options.onRecovered(dropped)
  }

  /** @returns the offset up to which the line is out */
  #put(bytes: Buffer, from: number, patience: Patience): number {
    let offset = from
    while (offset < bytes.length) {
      try {
        this.#stdout?.unblock()
        offset += writeSync(this.#fd!, bytes, offset)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EINTR') continue
        if (code === 'EAGAIN' && patience.wait()) continue
        this.#fail(error as NodeJS.ErrnoException)
        return offset
      }
    }
    return offset
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.failing) return
    this.#failure = { since: Date.now(), code: error.code ?? '' }
    this.#retry = setInterval(() => this.#drain(NO_PATIENCE), RETRY_MILLISECONDS).unref()
    this.#options.onFailing(error)
  }
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
const NO_PATIENCE = new Patience(0)
const RETRY_MILLISECONDS = 250

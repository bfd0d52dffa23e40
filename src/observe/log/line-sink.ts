import { closeSync, writeSync } from 'node:fs'
import type { AuditTrouble } from './audit-trouble.js'
import type { Outlet } from './outlet.js'
import { Patience } from './patience.js'

export interface LineSinkOptions {
  readonly outlet: Outlet
  /** Bytes of lines that may wait while the destination takes none. */
  readonly bufferBytes: number
  /** How long a reader that is only late is waited for. */
  readonly patience: Patience
  /** Milliseconds until it is tried again. */
  readonly retry: number
  onWritten?(): void
  onDropped?(): void
  /** The destination began to fail. */
  onFailing?(error: NodeJS.ErrnoException): void
  /** It takes lines again and has all that waited; `dropped` did not fit meanwhile. */
  onRecovered?(dropped: number): void
  /** A file, rotated away or the last one, was not closed in order: on a network's disk, lines in it may be lost. */
  onCloseFailed?(error: NodeJS.ErrnoException): void
}

/**
 * Writes whole lines, synchronously: when `write` returns, the kernel has the line, and whatever kills the process
 * next cannot take it back. Where the destination takes nothing (full disk, stalled reader) lines wait in memory, in
 * order and within a bound; those beyond it are dropped and counted. It never throws, and the event loop stands still no
 * longer than `patience` allows: sonic-boom sleeps 100 ms for every retry of every line, keeps all of them, and holds up
 * the end of the process for as long as the destination fails.
 */
export class LineSink {
  readonly #options: LineSinkOptions
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

  /** @throws Error with one sentence, where the destination cannot be opened. */
  constructor(options: LineSinkOptions) {
    this.#options = options
    this.#fd = options.outlet.open()
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
      this.#options.onDropped?.()
      return
    }
    const bytes = Buffer.from(line)
    if (this.failing) {
      this.#keep(bytes)
      return
    }
    const written = this.#put(bytes, 0, this.#options.patience)
    if (written === bytes.length) this.#options.onWritten?.()
    else {
      this.#torn = written
      this.#keep(bytes)
    }
  }

  /** Opens the path anew, after a rename; the old file stays in use where that fails. Once closed it does nothing. */
  reopen(): void {
    const { outlet } = this.#options
    if (!outlet.isFile || this.#fd === undefined) return
    const old = this.#fd
    this.#fd = outlet.open()
    this.#release(old)
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
    for (const _ of this.#backlog.splice(0)) this.#options.onDropped?.()
    this.#backlogBytes = 0
    this.#fd = undefined
    if (this.#options.outlet.isFile) this.#release(fd)
  }

  // Whatever close(2) answers, the number is the next file's or socket's: it must be in use no more by now.
  #release(fd: number): void {
    try {
      closeSync(fd)
    } catch (error) {
      this.#options.onCloseFailed?.(error as NodeJS.ErrnoException)
    }
  }

  #keep(bytes: Buffer): void {
    // The first one is always kept. It may be half out, and the next one must not be glued to it; and while nothing waits,
    // nothing would be tried again, so that nobody could say whether the destination takes lines.
    if (this.#backlog.length > 0 && this.#backlogBytes + bytes.length > this.#options.bufferBytes) {
      this.#dropped++
      this.#options.onDropped?.()
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
      this.#options.onWritten?.()
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
    this.#options.onRecovered?.(dropped)
  }

  /** @returns the offset up to which the line is out */
  #put(bytes: Buffer, from: number, patience: Patience): number {
    let offset = from
    while (offset < bytes.length) {
      try {
        this.#options.outlet.unblock()
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
    this.#retry = setInterval(() => this.#drain(NO_PATIENCE), this.#options.retry).unref()
    this.#options.onFailing?.(error)
  }
}

const NO_PATIENCE = new Patience(0)

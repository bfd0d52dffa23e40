import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { joinSmall } from './join-small.js'

/** What becomes of a body; each is called at most once. */
export interface BodyEvents {
  begun(): void
  tooLarge(): void
  stalled(): void
}

/**
 * A request's body on its way to the upstream: counted, watched, and apart from the request itself, so that an upstream
 * that fails takes the body with it and not the client's connection.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #limit: number
  readonly #events: BodyEvents
  readonly #timer: NodeJS.Timeout
  /** What has come since the last turn of the loop. */
  #gathered: Buffer[] = []
  #received = 0
  #ended = false
  #flush: NodeJS.Immediate | undefined
  #begun = false
  #paused = false

  constructor(request: IncomingMessage, limit: number, idleMilliseconds: number, events: BodyEvents) {
    super()
    this.#request = request
    this.#limit = limit
    this.#events = events
    this.#timer = setTimeout(() => this.#paused || events.stalled(), idleMilliseconds)
    this.on('error', noop)
    request.on('data', this.#onData).on('end', this.#onEnd)
  }

  override _read(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#timer.refresh()
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#request.off('data', this.#onData).off('end', this.#onEnd)
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#timer.refresh()
    this.#received += chunk.length
    if (this.#received > this.#limit) {
      this.#events.tooLarge()
      return
    }
    this.#gathered.push(chunk)
    this.#soon()
  }

  readonly #onEnd = (): void => {
    clearTimeout(this.#timer)
    this.#ended = true
    this.#soon()
  }

  // At the end of the turn, so that what its segment brings goes on together: a body in chunks of one byte would have the
  // upstream written to as often, on top of the buffer and the event that Node's parser makes of each.
  #soon(): void {
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined
      if (this.destroyed) return
      let more = true
      for (const piece of joinSmall(this.#gathered)) more = this.push(piece)
      this.#gathered = []
      if (this.#ended) this.push(null)
      else if (!more) {
        this.#paused = true
        this.#request.pause()
      }
      if (this.#begun) return
      this.#begun = true
      // Since the data came, the parser may have found that what follows in the segment is no chunk: then the connection
      // has been ended, and the upstream need not hear of the request.
      if (!this.#request.socket.writableEnded) this.#events.begun()
    })
  }
}

/**
 * Reads and drops what is left of a request's body, so that the client, which may still be sending, gets to read an
 * answer given early and can use its connection again. Bounded: after 5 s or 16 MiB the connection is closed.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return
  request.resume()
  if (request.complete) return
  let left = DISCARDED_BYTES
  const timer = setTimeout(() => request.socket.destroy(), DISCARDED_MILLISECONDS)
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.socket.destroy()
  })
  request.once('close', () => clearTimeout(timer))
  request.once('end', () => clearTimeout(timer))
}

function noop(): void {}

const DISCARDED_BYTES = 16 * 1024 * 1024
const DISCARDED_MILLISECONDS = 5_000

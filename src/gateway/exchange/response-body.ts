import type { ServerResponse } from 'node:http'
import { endWith } from './end-with.js'
import { joinSmall } from './join-small.js'
import { StallWatch } from './stall-watch.js'

/** What becomes of a body that goes out. */
export interface ResponseBodyEvents {
  /** More is to come when `onGo` says so. */
  onWait(): void
  onGo(): void
  /** The upstream sends nothing; see `StallWatch`. */
  onStalled(): void
}

/** An answer's body on its way to the client: what one read of the upstream's connection brings goes on together. */
export class ResponseBody {
  readonly #response: ServerResponse
  /** Milliseconds. */
  readonly #idle: number
  readonly #events: ResponseBodyEvents
  readonly #onGo = (): void => this.#events.onGo()
  /** What has come with the read under way. */
  #gathered: Buffer[] = []
  /** The end of the body, until `end`, which comes at once. */
  #last: Buffer | undefined
  #begun = false
  #watch: StallWatch | undefined
  /** True once `drain` has been waited for. */
  #waits = false

  /** @param response with its head written, sent or not */
  constructor(response: ServerResponse, idle: number, events: ResponseBodyEvents) {
    this.#response = response
    this.#idle = idle
    this.#events = events
  }

  /** @param isLast true where the body is known to end here */
  add(chunk: Buffer, isLast: boolean): void {
    if (isLast) this.#last = chunk
    else this.#gathered.push(chunk)
  }

  /** The read is over, and the body is not. Most answers are through with what came with their head, and want no timer. */
  flush(): void {
    if (this.#gathered.length > 0) this.#watch?.moved()
    // A head that no body follows at once goes out alone: the first server-sent event may be minutes away.
    else if (this.#watch === undefined) this.#response.flushHeaders()
    this.#watch ??= new StallWatch(this.#response, this.#idle, () => this.#events.onStalled())
    this.#write()
  }

  /** The body is whole: ends the answer. */
  end(): void {
    this.#write()
    const last = this.#last
    if (last === undefined) this.#response.end()
    else endWith(this.#response, this.#begun || last.length > MAX_WHOLE ? last : last.toString('latin1'))
  }

  /** The body is not whole, and nothing more comes: what has come is sent. */
  breakOff(): void {
    this.#write()
    this.#response.socket?.uncork()
  }

  /** Watches nothing and calls nobody any more. */
  stop(): void {
    this.#watch?.stop()
    if (this.#waits) this.#response.off('drain', this.#onGo)
  }

  #write(): void {
    if (this.#gathered.length === 0) return
    this.#begun = true
    const many = this.#gathered.length > MANY
    let takesMore = true
    for (const piece of joinSmall(this.#gathered)) takesMore = this.#response.write(piece)
    this.#gathered = []
    if (takesMore && !many) return
    this.#events.onWait()
    if (takesMore) setImmediate(this.#onGo)
    else if (!this.#waits) {
      this.#waits = true
      this.#response.on('drain', this.#onGo)
    }
  }
}

// Pieces of one read that cost what many answers do. Node reads a socket up to 32 times in a turn of its loop: so costly
// a connection is read once, and then the others.
const MANY = 256
// Bytes of a whole body that are copied into one piece with the head; more are not worth the copying.
const MAX_WHOLE = 8_192

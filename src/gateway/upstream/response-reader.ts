import { chunkSizeOf, hexAt } from './chunk-size.js'
import { MalformedResponse, parseFields, parseHead, type ResponseHead } from './response-head.js'

/** Who hears of a response as it is read; any of these may call {@link ResponseReader.stop}. */
export interface ResponseEvents {
  /** The first byte of an answer, informational or final. */
  onResponseStarted(): void
  /**
   * A head, informational (1xx) ones too.
   *
   * @param rawHeaders name and value in turn, latin-1
   */
  onHeaders(status: number, rawHeaders: readonly string[]): void
  /** @param isLast true where the body is known to end here; false says nothing */
  onData(chunk: Buffer, isLast: boolean): void
  /** The response is whole. Whether its connection is good for another is known by now: see `reusable`. */
  onComplete(): void
}

/**
 * Reads HTTP/1.1 responses from the bytes of a connection (RFC 9112), one after the other. Strict where two readers
 * could disagree on where a response ends: what is not certain is malformed, and nothing of it is repaired.
 */
export class ResponseReader {
  readonly #events: ResponseEvents
  #state: State = 'idle'
  #method = ''
  /** A head of which the end has not come yet. */
  #parts: Buffer[] = []
  #size = 0
  #line = ''
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left = 0
  #reusable = false
  #keepAlive: number | undefined

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** True where the response was whole, nothing came behind it, and the upstream keeps the connection open. */
  get reusable(): boolean {
    return this.#state === 'idle' && this.#reusable
  }

  /** How long the upstream keeps the connection open without a request, in milliseconds, where it said so. */
  get keepAlive(): number | undefined {
    return this.#keepAlive
  }

  /** Expects the response to a request of this method. */
  begin(method: string): void {
    this.#state = 'start'
    this.#method = method
    this.#reusable = false
  }

  /** Ignores whatever else comes. */
  stop(): void {
    this.#state = 'stopped'
    this.#parts = []
  }

  /**
   * @returns how many bytes were the response's; fewer than came where the rest is another protocol's (after 101)
   * @throws MalformedResponse; nothing more is to be read then.
   */
  read(chunk: Buffer): number {
    let at = 0
    while (at < chunk.length) {
      switch (this.#state) {
        case 'idle':
          // A response that nobody asked for; it must not become the answer to the next request.
          this.#reusable = false
          return at
        case 'stopped':
        case 'upgraded':
          return at
        case 'start':
          this.#state = 'head'
          this.#events.onResponseStarted()
          break
        case 'head':
          at = this.#readHead(chunk, at)
          break
        case 'until-close':
          this.#events.onData(at === 0 ? chunk : chunk.subarray(at), false)
          return chunk.length
        case 'length':
        case 'chunk':
          at = this.#readBody(chunk, at)
          break
        default:
          at = this.#readPlainLine(chunk, at) ?? this.#readLine(chunk, at)
      }
    }
    return at
  }

  /** The connection has ended. @returns true where the response ends by it; false: it is not whole. */
  end(): boolean {
    if (this.#state !== 'until-close') return false
    this.#complete()
    return true
  }

  #readHead(chunk: Buffer, at: number): number {
    const end = this.#headEnd(chunk, at)
    this.#size += (end === -1 ? chunk.length : end) - at
    if (this.#size > MAX_HEAD) throw new MalformedResponse('the head is too long')
    if (end === -1) {
      this.#parts.push(chunk.subarray(at))
      // A head in single bytes would otherwise hold a thousand times its size.
      if (this.#parts.length > MAX_PARTS) this.#parts = [Buffer.concat(this.#parts)]
      return chunk.length
    }
    const bytes = this.#parts.length === 0 ? chunk : Buffer.concat([...this.#parts, chunk])
    const from = this.#parts.length === 0 ? at : 0
    const text = bytes.toString('latin1', from, bytes.length - chunk.length + end - END.length)
    this.#parts = []
    this.#size = 0
    this.#takeHead(parseHead(text), end === chunk.length)
    return end
  }

  // The place behind the empty line; -1 where it has not come. It may have begun in earlier chunks.
  #headEnd(chunk: Buffer, at: number): number {
    const last = this.#parts.at(-1)
    if (last !== undefined) {
      const tail = Buffer.concat(this.#parts.slice(-3)).subarray(-3)
      const seam = Buffer.concat([tail, chunk.subarray(at, at + 3)]).indexOf(END)
      if (seam !== -1) return at + seam + END.length - tail.length
    }
    const found = chunk.indexOf(END, at)
    return found === -1 ? -1 : found + END.length
  }

  #takeHead({ status, headers, framing, keepAlive, keepAliveFor }: ResponseHead, isLast: boolean): void {
    this.#keepAlive = keepAliveFor
    if (status < 200) {
      // After 101 these are another protocol's bytes; who asked for it takes them from the socket.
      this.#state = status === 101 ? 'upgraded' : 'head'
      this.#events.onHeaders(status, headers)
      return
    }
    // RFC 9112 section 6.3, in its order.
    const ended = framing === 0 || this.#method === 'HEAD' || status === 204 || status === 304
    if (ended) this.#state = 'idle'
    else if (framing === 'chunked') this.#state = 'size'
    else if (framing === 'until-close') this.#state = 'until-close'
    else {
      this.#state = 'length'
      this.#left = framing
    }
    // Where a body was announced that must not come, an upstream that sends it all the same sends it to the next request.
    const announced = this.#method === 'HEAD' || !(framing === 0 || framing === 'until-close')
    this.#reusable = keepAlive && (ended ? isLast && !announced : framing !== 'until-close')
    this.#events.onHeaders(status, headers)
    if (ended && this.#state === 'idle') this.#events.onComplete()
  }

  #readBody(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left)
    this.#left -= end - at
    const inChunk = this.#state === 'chunk'
    const part = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end)
    this.#events.onData(part, this.#left === 0 && !inChunk)
    if (this.#left > 0 || this.#state === 'stopped') return end
    if (inChunk) this.#state = 'chunk-end'
    else this.#finish(end === chunk.length)
    return end
  }

  // A chunk's size alone in its line, or its end, as nearly all are: a text of each would make small chunks costly.
  #readPlainLine(chunk: Buffer, at: number): number | undefined {
    if (this.#line !== '' || this.#state === 'trailer') return undefined
    let end = at
    let size = 0
    if (this.#state === 'size') {
      for (let digit = hexAt(chunk, end); digit >= 0 && end - at < 8; digit = hexAt(chunk, ++end))
        size = size * 16 + digit
    }
    const isPlain = (size > 0 || this.#state === 'chunk-end') && chunk[end] === CR && chunk[end + 1] === LF
    if (!isPlain) return undefined
    this.#left = size
    this.#state = size > 0 ? 'chunk' : 'size'
    return end + 2
  }

  // The lines of the chunked coding (RFC 9112 section 7.1): its sizes, what ends a chunk, and trailers, which go.
  #readLine(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(LF, at)
    const end = feed === -1 ? chunk.length : feed + 1
    this.#line += chunk.toString('latin1', at, end)
    if (this.#line.length > MAX_LINE) throw new MalformedResponse('a line of the chunked coding is too long')
    if (feed === -1) return end
    const line = this.#line
    this.#line = ''
    if (!LINE.test(line)) throw new MalformedResponse('a line of the chunked coding is malformed')
    this.#takeLine(line.slice(0, -2), end === chunk.length)
    return end
  }

  #takeLine(line: string, isLast: boolean): void {
    if (this.#state === 'size') {
      this.#left = chunkSizeOf(line)
      this.#state = this.#left === 0 ? 'trailer' : 'chunk'
      this.#size = 0
    } else if (this.#state === 'chunk-end') {
      if (line !== '') throw new MalformedResponse('a chunk is longer than it says')
      this.#state = 'size'
    } else if (line === '') this.#finish(isLast)
    else {
      this.#size += line.length
      if (this.#size > MAX_HEAD) throw new MalformedResponse('the trailers are too long')
      parseFields(line, 0)
    }
  }

  #finish(isLast: boolean): void {
    this.#reusable &&= isLast
    this.#complete()
  }

  #complete(): void {
    this.#state = 'idle'
    this.#size = 0
    this.#events.onComplete()
  }
}

type State =
  | 'idle'
  | 'start'
  | 'head'
  | 'length'
  | 'until-close'
  | 'size'
  | 'chunk'
  | 'chunk-end'
  | 'trailer'
  | 'upgraded'
  | 'stopped'

const LINE = /^[\t\x20-\x7e\x80-\xff]*\r\n$/
const END = Buffer.from('\r\n\r\n')
const [CR, LF] = [0x0d, 0x0a]
const MAX_HEAD = 65_536
const MAX_PARTS = 64
const MAX_LINE = 16_384

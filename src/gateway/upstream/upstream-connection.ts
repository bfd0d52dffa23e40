import type { Socket } from 'node:net'
import type { Dial } from './dial.js'
import { idleTime } from './keep-alive.js'
import { LazyTimer } from './lazy-timer.js'
import { ReadTurn } from './read-turn.js'
import type { UpstreamRequest } from './request-head.js'
import type { ResponseHandler } from './response-handler.js'
import { MalformedResponse, namesWebSocket } from './response-head.js'
import { type ResponseEvents, ResponseReader } from './response-reader.js'
import { ConnectionClosed, HeadersTimeout, NeverSent } from './upstream-error.js'
import { type RequestProgress, writeRequest } from './write-request.js'

export interface ConnectionOptions {
  readonly dial: Dial
  /** Milliseconds from the last byte of a request to the end of its response's head. */
  readonly headersTimeout: number
}

/**
 * One HTTP/1.1 connection to an upstream: dialled with its first request, one request at a time, and never pipelined.
 * It stops reading when it is told to, and is not used again unless response and request were both whole.
 */
export class UpstreamConnection implements ResponseEvents, RequestProgress {
  readonly #options: ConnectionOptions
  readonly #reader = new ResponseReader(this)
  readonly #turn = new ReadTurn(() => this.#send())
  #socket: Socket | undefined
  #dialling: Socket | undefined
  #request: UpstreamRequest | undefined
  #handler: ResponseHandler | undefined
  #upgraded: readonly string[] | undefined
  #since = Date.now()
  #sent = false
  #reused = false
  /** True until the request's last byte is on its way. */
  #sending = false
  #destroyed = false
  #error: Error | undefined
  readonly #headers = new LazyTimer(() => this.#onLate())
  readonly #idle = new LazyTimer(() => this.destroy())

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** When the socket was connected, in Unix milliseconds. */
  get since(): number {
    return this.#since
  }

  /** True where the request under way is not its first: the upstream may have closed it already. */
  get reused(): boolean {
    return this.#reused
  }

  /** True where it can take another request. */
  get reusable(): boolean {
    return this.#handler === undefined && !this.#destroyed && this.#reader.reusable
  }

  dispatch(request: UpstreamRequest, handler: ResponseHandler): void {
    this.#request = request
    this.#handler = handler
    this.#sent = false
    this.#reused = this.#socket !== undefined
    this.#idle.stop()
    this.#sending = request.body !== null
    // Not at once: what the upstream sent behind its last response is read first, and is no answer to this request.
    if (this.#socket !== undefined) this.#turn.wait()
    else {
      this.#dialling = this.#options.dial((error, socket) => {
        if (socket === undefined) this.#fail(error)
        else if (this.#destroyed) socket.destroy()
        else {
          this.#dialling = undefined
          this.#socket = socket
          this.#since = Date.now()
          this.#watch(socket)
          this.#send()
        }
      })
    }
  }

  /** Stops reading the answer until `resume`; what the kernel and the socket hold is the bound. */
  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.#socket?.resume()
  }

  /** Waits for its next request, but not for long. */
  park(): void {
    this.#socket?.resume()
    this.#turn.begin()
    const idle = idleTime(this.#reader.keepAlive)
    if (idle > 0) this.#idle.start(idle)
    else this.destroy()
  }

  /** Closes it at once, whatever it is doing; nobody hears of it. */
  destroy(): void {
    this.#handler = undefined
    this.#end()
  }

  onResponseStarted(): void {
    this.#handler?.onResponseStarted()
  }

  onHeaders(status: number, rawHeaders: readonly string[]): void {
    if (status >= 200) this.#headers.stop()
    if (status === 101 && this.#request?.upgrade && namesWebSocket(rawHeaders)) this.#upgraded = rawHeaders
    else this.#handler?.onHeaders(status, rawHeaders)
  }

  onData(chunk: Buffer, isLast: boolean): void {
    this.#handler?.onData(chunk, isLast)
  }

  onComplete(): void {
    const handler = this.#handler
    this.#handler = undefined
    // An answer before the request's end (RFC 9112 section 9.5): where the next request would begin is not certain. After
    // a WebSocket handshake that was refused, many a server reads no more HTTP on the connection.
    if (this.#sending || this.#request?.upgrade) this.#end()
    this.#request = undefined
    handler?.onComplete()
  }

  #watch(socket: Socket): void {
    socket.on('data', this.#onData).on('drain', this.#onDrain).on('end', this.#onEnd)
    socket.on('error', this.#onError).on('close', this.#onClose)
  }

  #send(): void {
    const request = this.#request
    const socket = this.#socket
    if (this.#handler === undefined || request === undefined || socket === undefined) return
    this.#reader.begin(request.method)
    this.#sent = true
    this.#headers.start(this.#options.headersTimeout)
    try {
      writeRequest(socket, request, this)
    } catch (error) {
      this.#fault(this.#handler, error)
    }
  }

  moved(): void {
    if (this.#headers.running) this.#headers.start(this.#options.headersTimeout)
  }

  ended(): void {
    this.#sending = false
    this.moved()
  }

  // A client that takes its time over the body is not the upstream's fault; one that does not take the body is.
  #onLate(): void {
    if (this.#sending && !this.#socket?.writableNeedDrain) this.#headers.start(this.#options.headersTimeout)
    else this.#fail(new HeadersTimeout('no response in time'))
  }

  readonly #onData = (chunk: Buffer): void => {
    const handler = this.#handler
    try {
      const read = this.#reader.read(chunk)
      if (this.#upgraded !== undefined) this.#handOver(chunk.subarray(read))
      // Bytes that belong to no request: whoever sent them is not to be asked again.
      else if (read < chunk.length && !(this.#sent && this.#handler)) this.#fail(this.#closed())
      else this.#handler?.onRead()
    } catch (error) {
      if (error instanceof MalformedResponse) {
        // Heard of by `close`, behind what was whole: a client sees that its answer began and was cut.
        this.#reader.stop()
        this.#socket?.destroy(error)
      } else this.#fault(handler, error)
    }
  }

  readonly #onDrain = (): void => {
    this.#request?.body?.resume()
  }

  readonly #onEnd = (): void => {
    const handler = this.#handler
    try {
      if (this.#reader.end()) this.#end()
      else this.#fail(this.#closed())
    } catch (error) {
      this.#fault(handler, error)
    }
  }

  readonly #onError = (error: Error): void => {
    this.#error = error
  }

  readonly #onClose = (): void => {
    this.#fail(this.#sent && this.#error ? this.#error : this.#closed())
  }

  #handOver(head: Buffer): void {
    const socket = this.#socket!
    const handler = this.#handler
    const rawHeaders = this.#upgraded!
    this.#handler = undefined
    this.#socket = undefined
    socket.pause()
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd)
    socket.off('error', this.#onError).off('close', this.#onClose)
    this.#end()
    if (head.length > 0) socket.unshift(head)
    handler?.onUpgrade(rawHeaders, socket)
  }

  #closed(): Error {
    const why = 'the upstream closed the connection'
    return this.#sent ? new ConnectionClosed(why) : new NeverSent(why)
  }

  #fail(error: Error): void {
    const handler = this.#handler
    this.destroy()
    try {
      handler?.onError(error)
    } catch (fault) {
      handler?.onFault(fault)
    }
  }

  // Thrown on it would end the process: it comes from events of the socket and from timers.
  #fault(handler: ResponseHandler | undefined, error: unknown): void {
    this.destroy()
    handler?.onFault(error)
  }

  #end(): void {
    this.#destroyed = true
    this.#reader.stop()
    this.#headers.close()
    this.#idle.close()
    this.#dialling?.destroy()
    this.#socket?.destroy()
  }
}

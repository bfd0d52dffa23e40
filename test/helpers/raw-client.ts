import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface RawResponse {
  readonly status: number
  /** In the order received, names as received. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The values of a header, in order; compared without case. */
  all(name: string): string[]
  /** The body without its chunk framing: what came of it. */
  readonly body: Buffer
  /** False where the connection was cut before the answer's end, or reset. */
  readonly complete: boolean
  /** Status line and header lines. */
  readonly head: string
}

/** Connects to a port of 127.0.0.1; destroyed when the test ends. */
export async function rawClient(t: Test, port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const client = new RawClient(socket)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return client
}

/** A client that sends bytes as they are and reads answers; every wait fails after ten seconds. */
export class RawClient {
  readonly socket: Socket
  /** How the other side closed the connection: in order, or with a reset. */
  readonly closed: Promise<'end' | 'reset'>
  readonly #events = new EventEmitter()
  #received = Buffer.alloc(0)
  #state: 'open' | 'end' | 'reset' = 'open'

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise(resolve => {
      socket.once('end', () => resolve(this.#close('end')))
      socket.once('error', () => resolve(this.#close('reset')))
      socket.once('close', () => resolve(this.#close('end')))
    })
    socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#events.emit('raw')
    })
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes, 'latin1')
  }

  /** Leaves with a RST. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** The next `length` bytes, whatever they are. */
  async bytes(length: number): Promise<Buffer> {
    await this.#until(() => this.#received.length >= length)
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(taken.length)
    return taken
  }

  /**
   * The next answer, 1xx included.
   *
   * @param method of the request: an answer to HEAD has no body
   */
  async response(method = 'GET'): Promise<RawResponse> {
    await this.#until(() => this.#received.includes('\r\n\r\n'))
    const end = this.#received.indexOf('\r\n\r\n')
    if (end === -1) throw new Error(`the connection ended (${this.#state}) without an answer`)
    const head = this.#received.subarray(0, end).toString('latin1')
    this.#received = this.#received.subarray(end + 4)
    const [statusLine = '', ...lines] = head.split('\r\n')
    const status = Number(statusLine.split(' ')[1])
    const headers = lines.map(splitHeader)
    const all = (name: string): string[] =>
      headers.filter(header => header[0].toLowerCase() === name.toLowerCase()).map(header => header[1])
    const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304
    const [body, complete] = bodiless ? [Buffer.alloc(0), true] : await this.#body(all)
    return { status, headers, all, body, complete, head }
  }

  async #body(all: (name: string) => string[]): Promise<[Buffer, boolean]> {
    if (all('transfer-encoding').includes('chunked')) return this.#chunks()
    const [length] = all('content-length')
    if (length !== undefined) {
      const body = await this.bytes(Number(length))
      return [body, body.length === Number(length)]
    }
    await this.#until(() => false)
    const body = this.#received
    this.#received = Buffer.alloc(0)
    return [body, this.#state === 'end']
  }

  async #chunks(): Promise<[Buffer, boolean]> {
    const chunks: Buffer[] = []
    for (;;) {
      await this.#until(() => this.#received.includes('\r\n'))
      const end = this.#received.indexOf('\r\n')
      if (end === -1) return [Buffer.concat(chunks), false]
      const size = Number.parseInt(this.#received.subarray(0, end).toString('latin1'), 16)
      this.#received = this.#received.subarray(end + 2)
      const chunk = await this.bytes(size + 2)
      chunks.push(chunk.subarray(0, size))
      if (chunk.length < size + 2) return [Buffer.concat(chunks), false]
      if (size === 0) return [Buffer.concat(chunks), true]
    }
  }

  async #until(satisfied: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(10_000)
    while (!satisfied() && this.#state === 'open') await once(this.#events, 'raw', { signal })
  }

  #close(how: 'end' | 'reset'): 'end' | 'reset' {
    if (this.#state === 'open') this.#state = how
    this.#events.emit('raw')
    return this.#state
  }
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

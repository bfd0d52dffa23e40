import { EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Test } from 'tap'

/** What a request was, byte for byte. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  /** The request line and header lines, without the empty line. */
  readonly head: string
  /** In the order received, names as received. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The body without its chunk framing. */
  readonly body: Buffer
}

export interface RawUpstream {
  readonly port: number
  readonly origin: string
  /** Every connection that was accepted, in order. */
  readonly connections: readonly RawConnection[]
  /** Every request that was read with `request()`, over all connections. */
  readonly requests: readonly RawRequest[]
  /** The nth connection, now or when it comes. */
  connection(index: number): Promise<RawConnection>
}

/**
 * An upstream that sends what its script says, byte for byte, on a port of its own; closed when the test ends.
 *
 * @param script runs once per connection; what it throws after its connection closed is ignored
 */
export async function rawUpstream(
  t: Test,
  script: (connection: RawConnection) => unknown,
  tls?: TlsOptions,
): Promise<RawUpstream> {
  const connections: RawConnection[] = []
  const requests: RawRequest[] = []
  const accept = (socket: Socket): void => {
    const connection = new RawConnection(socket, requests)
    connections.push(connection)
    server.emit('raw', connection)
    Promise.resolve(script(connection)).catch(error => {
      if (!socket.destroyed) t.fail('the upstream script failed', { error })
    })
  }
  const server: Server = tls ? createTlsServer(tls, accept) : createServer({ allowHalfOpen: true }, accept)
  server.on('tlsClientError', () => {})
  server.setMaxListeners(0)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const { socket } of connections) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    connections,
    requests,
    async connection(index) {
      while (connections.length <= index) await once(server, 'raw')
      return connections[index]!
    },
  }
}

/** A script that answers every request with the same bytes and keeps the connection. */
export function always(response: string | Buffer): (connection: RawConnection) => Promise<void> {
  return async connection => {
    while ((await connection.request()) !== undefined) connection.write(response)
  }
}

/** An OK answer with a Content-Length. */
export function ok(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

export class RawConnection {
  readonly socket: Socket
  /** All bytes received, read by the script or not. */
  received = Buffer.alloc(0)
  /** Resolves when the connection is gone, whichever side closed it. */
  readonly closed: Promise<void>
  readonly #requests: RawRequest[]
  readonly #events = new EventEmitter()
  #offset = 0
  #ended = false

  constructor(socket: Socket, requests: RawRequest[]) {
    this.socket = socket
    this.#requests = requests
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('data', chunk => {
      this.received = Buffer.concat([this.received, chunk])
      this.#events.emit('raw')
    })
    const ended = (): void => {
      this.#ended = true
      this.#events.emit('raw')
    }
    socket.once('end', ended)
    socket.once('close', ended)
  }

  /** The next whole request; undefined when the peer ends first. */
  async request(): Promise<RawRequest | undefined> {
    const head = await this.head()
    if (head === undefined) return undefined
    const lines = head.split('\r\n')
    const [method = '', target = ''] = lines[0]!.split(' ')
    const headers = lines.slice(1).map(splitHeader)
    const body = await this.#body(headers)
    if (body === undefined) return undefined
    const request = { method, target, head, headers, body }
    this.#requests.push(request)
    return request
  }

  /** Resolves once something was received; takes nothing. */
  async arrived(): Promise<void> {
    while (this.received.length === 0 && !this.#ended) await once(this.#events, 'raw')
  }

  /** The next request's line and headers, without waiting for its body. */
  async head(): Promise<string | undefined> {
    const end = await this.#find('\r\n\r\n')
    return end === undefined ? undefined : this.#take(end - this.#offset, 4).toString('latin1')
  }

  /** The next `length` bytes; undefined when the peer ends first. */
  async bytes(length: number): Promise<Buffer | undefined> {
    while (this.received.length - this.#offset < length) {
      if (this.#ended) return undefined
      await once(this.#events, 'raw')
    }
    return this.#take(length, 0)
  }

  write(bytes: string | Buffer): void {
    if (this.socket.writable) this.socket.write(bytes, 'latin1')
  }

  /** Ends with a FIN, after what was written. */
  end(): void {
    this.socket.end()
  }

  /** Ends with a RST. What was written and not yet sent is lost. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  async #body(headers: readonly (readonly [string, string])[]): Promise<Buffer | undefined> {
    const value = (name: string): string | undefined =>
      headers.find(header => header[0].toLowerCase() === name)?.[1]
    if (value('transfer-encoding') === undefined) return this.bytes(Number(value('content-length') ?? 0))
    const chunks: Buffer[] = []
    for (;;) {
      const end = await this.#find('\r\n')
      if (end === undefined) return undefined
      const size = Number.parseInt(this.#take(end - this.#offset, 2).toString('latin1'), 16)
      const chunk = await this.bytes(size + 2)
      if (chunk === undefined) return undefined
      if (size === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, size))
    }
  }

  async #find(text: string): Promise<number | undefined> {
    for (;;) {
      const at = this.received.indexOf(text, this.#offset, 'latin1')
      if (at !== -1) return at
      if (this.#ended) return undefined
      await once(this.#events, 'raw')
    }
  }

  #take(length: number, skip: number): Buffer {
    const taken = this.received.subarray(this.#offset, this.#offset + length)
    this.#offset += length + skip
    return taken
  }
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

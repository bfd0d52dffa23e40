import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'
import { hostOf } from './policy-of.js'
import { type HeaderPair, VECTORS, type Vector } from './vector.js'

/** A request as it reached the upstream. */
export interface Arrival {
  /** From X-Forwarded-Host: whose request it is. */
  readonly host: string
  readonly requestId: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  body: string
}

export interface VectorsUpstream {
  readonly url: string
  readonly arrivals: readonly Arrival[]
}

/** Stands in every CORS header that the upstream sends: where a client sees it, something got through. */
export const CANARY = 'canary.invalid'
/** The response header with the path that the upstream was asked for. */
export const ASKED = 'X-Vector-Path'

/** Starts the one upstream of all vectors: it behaves as the vector says whose host a request was for. */
export async function startVectorsUpstream(t: Test): Promise<VectorsUpstream> {
  const byHost = new Map(VECTORS.map(vector => [hostOf(vector), vector]))
  const arrivals: Arrival[] = []
  const arrive = (request: IncomingMessage): Vector | undefined => {
    const host = String(request.headers['x-forwarded-host'] ?? '')
    const arrival: Arrival = {
      host,
      requestId: String(request.headers['x-request-id']),
      path: request.url ?? '',
      headers: request.headers,
      body: '',
    }
    arrivals.push(arrival)
    request.on('data', chunk => {
      arrival.body += chunk
    })
    return byHost.get(host.replace(/:\d+$/, ''))
  }
  const server = createServer((request, response) => answer(arrive(request), request, response))
  server.on('upgrade', (request, socket) => {
    const vector = arrive(request)
    socket.on('error', () => socket.destroy())
    socket.write(handshake(vector, request), 'latin1')
    finish(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals }
}

/** A URL at which connections are refused: the port was the system's to give, and nobody listens on it any more. */
export async function refusedUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

function answer(vector: Vector | undefined, request: IncomingMessage, response: ServerResponse): void {
  const { status = 200, headers = [], informational = [], trailers, raw, hang } = vector?.upstream ?? {}
  request.resume()
  if (hang) return
  if (raw !== undefined) {
    response.socket?.end(raw, 'latin1')
    return
  }
  for (const [code, lines] of informational) {
    response.socket?.write(head(code, [...lines, ...CANARIES]), 'latin1')
  }
  const all = [...headers, ...CANARIES, [ASKED, request.url ?? ''], ...(trailers ? [ANNOUNCED] : [])]
  response.writeHead(status, all.flat() as string[])
  if (trailers) response.addTrailers([...trailers, ...CANARIES] as [string, string][])
  response.end('ok')
}

function handshake(vector: Vector | undefined, { headers }: IncomingMessage): string {
  const refusal = headers['sec-websocket-version'] === '13' ? vector?.expect.upstreamStatus : 426
  if (refusal !== undefined) return head(refusal, [...CANARIES, ['Content-Length', '0']])
  const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  return head(101, [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Accept', createHash('sha1').update(key).digest('base64')],
    ...(vector?.upstream?.wsHeaders ?? []),
    ...CANARIES,
  ])
}

// The client closes a tunnel, and the upstream closes with it.
function finish(socket: Duplex): void {
  socket.resume()
  socket.once('end', () => socket.end())
}

function head(status: number, headers: readonly HeaderPair[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n`
}

const CANARIES: readonly HeaderPair[] = [
  ['Access-Control-Allow-Origin', `https://${CANARY}`],
  ['ACCESS-CONTROL-ALLOW-CREDENTIALS', CANARY],
  ['access-control-max-age', CANARY],
  ['Access-Control-Expose-Headers', CANARY],
  ['Access-Control-Of-Tomorrow', CANARY],
  ['Timing-Allow-Origin', `https://${CANARY}`],
]
const ANNOUNCED: HeaderPair = ['Trailer', 'Access-Control-Allow-Origin']

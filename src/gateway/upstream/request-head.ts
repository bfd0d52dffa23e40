import type { Readable } from 'node:stream'

/** One request, as it is to be sent. */
export interface UpstreamRequest {
  readonly method: string
  /** Path and query; never parsed again. */
  readonly path: string
  /** Name and value in turn, Host first. */
  readonly headers: readonly string[]
  readonly body: Readable | null
  /** True for a WebSocket handshake. */
  readonly upgrade: boolean
}

/**
 * The head of a request for an upstream (RFC 9112 section 3), latin-1. Its framing is said here and nowhere else: by the
 * Content-Length that the headers have, else in chunks.
 *
 * @throws Error where a part could not stand in a head: everything was checked when it was read, and this is the last
 * place to find that it was not.
 */
export function requestHead({ method, path, headers, body, upgrade }: UpstreamRequest): string {
  if (!TARGET.test(path)) throw new Error('the path is not fit for a request line')
  let head = `${method} ${path} HTTP/1.1\r\n`
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!
    const value = headers[index + 1]!
    // One by one: the test of a joined line would have to copy it first.
    if (UNFIT.test(name) || UNFIT.test(value)) throw new Error('a header is not fit for a request')
    head += `${name}: ${value}\r\n`
  }
  if (upgrade) return `${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
  if (body !== null && !hasLength(headers)) head += 'Transfer-Encoding: chunked\r\n'
  // RFC 9110 section 8.6: where a body could be expected, its absence is said.
  else if (EXPECTS_BODY.has(method) && !hasLength(headers)) head += 'Content-Length: 0\r\n'
  return `${head}Connection: keep-alive\r\n\r\n`
}

/** True where the headers say how long the body is; one without goes in chunks. */
export function hasLength(headers: readonly string[]): boolean {
  return headers.some(
    (name, index) => index % 2 === 0 && name.length === 14 && name.toLowerCase() === 'content-length',
  )
}

const TARGET = /^[\x21-\xff]+$/
const UNFIT = /[^\t\x20-\x7e\x80-\xff]/
const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

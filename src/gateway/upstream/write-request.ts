import type { Socket } from 'node:net'
import { hasLength, requestHead, type UpstreamRequest } from './request-head.js'

export interface RequestProgress {
  /** More of the body is on its way. */
  moved(): void
  /** The last byte is. */
  ended(): void
}

/**
 * Writes a request to its upstream, the body with backpressure: `socket`'s `drain` must resume it.
 *
 * @throws Error where the head is not fit to be sent; nothing was then.
 */
export function writeRequest(socket: Socket, request: UpstreamRequest, progress: RequestProgress): void {
  const { body, headers } = request
  const head = requestHead(request)
  if (body === null) {
    socket.write(head, 'latin1')
    progress.ended()
    return
  }
  const write = hasLength(headers) ? writePlain : writeChunk
  socket.cork()
  socket.write(head, 'latin1')
  body.on('data', (chunk: Buffer) => {
    if (socket.destroyed) return
    progress.moved()
    if (!write(socket, chunk)) body.pause()
  })
  body.once('end', () => {
    progress.ended()
    if (write === writeChunk && !socket.destroyed) socket.write('0\r\n\r\n', 'latin1')
  })
  // Behind the body's first chunk, which then leaves in one segment with the head.
  process.nextTick(() => socket.uncork())
}

function writePlain(socket: Socket, chunk: Buffer): boolean {
  return socket.write(chunk)
}

// RFC 9112 section 7.1.
function writeChunk(socket: Socket, chunk: Buffer): boolean {
  socket.cork()
  socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
  socket.write(chunk)
  const more = socket.write('\r\n', 'latin1')
  socket.uncork()
  return more
}

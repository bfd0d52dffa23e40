import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Node's own response on a bare socket, as the `upgrade` and `connect` events hand it over: so refusals there are framed
 * by the code that frames every other answer. The connection ends behind it.
 *
 * @returns undefined where an earlier, pipelined request is not answered yet: Node has no order for these two
 * (CVE-2026-130647), and the socket is good for nothing more.
 */
export function socketResponse(socket: Duplex, request: IncomingMessage): ServerResponse | undefined {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket as Socket)
  } catch {
    return undefined
  }
  const drain = (): void => void response.emit('drain')
  socket.on('drain', drain)
  response.once('finish', () => {
    socket.off('drain', drain)
    // Read on, so that the kernel does not answer unread bytes with a reset that overtakes the refusal.
    socket.resume()
    socket.end()
    setTimeout(() => socket.destroy(), GRACE_MILLISECONDS).unref()
  })
  return response
}

/**
 * Notices a client that ends its side while its socket, given away by Node, is not read by anybody yet: Node does so only
 * for requests that it reads itself. What the client sends is read out, since an end is seen only behind it, and kept;
 * beyond KEPT_BYTES it is left in the socket, and an end behind that stays unnoticed.
 *
 * @returns stops noticing, and gives what was kept
 */
export function noticeEnd(socket: Duplex, onEnd: () => void): () => Buffer {
  const kept: Buffer[] = []
  let size = 0
  const look = (): void => {
    // At the end there is nothing to read, and reading it emits `end`.
    for (let chunk = read(); chunk !== null; chunk = read()) {
      kept.push(chunk)
      size += chunk.length
    }
  }
  const read = (): Buffer | null => (size < KEPT_BYTES ? (socket.read() as Buffer | null) : null)
  socket.on('readable', look).once('end', onEnd)
  return () => {
    socket.off('readable', look).off('end', onEnd)
    return Buffer.concat(kept)
  }
}

const KEPT_BYTES = 65_536
const GRACE_MILLISECONDS = 10_000

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
  // Nobody reads the socket between `upgrade` and 101; without this a client that leaves would not be noticed.
  socket.read(0)
  return response
}

const GRACE_MILLISECONDS = 10_000

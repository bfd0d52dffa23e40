import type { IncomingMessage, ServerResponse } from 'node:http'
import { resetSocket } from './client-socket.js'

/**
 * Breaks off an answer that has begun, so that the client sees that it is not whole. To a client of HTTP/1.0 the end of
 * the connection is the end of the body: only a reset says that it is not. Others get what has been sent so far, and
 * see that the last chunk or byte is missing.
 */
export function cutAnswer(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  // The head may still wait for what was to come with it: the client is to see that there was an answer.
  response.flushHeaders()
  if (request.httpVersion === '1.0') resetSocket(socket)
  else response.destroy()
}

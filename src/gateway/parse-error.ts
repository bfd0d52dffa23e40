import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RequestContext } from './request-context.js'

/**
 * Answers what Node's parser could not read. The answer says as little as HTTP allows and the connection ends, because
 * nobody knows where the next request would begin. Where an answer is already on its way, a second one would be read
 * as part of it: then the connection just ends.
 */
export function answerParseError(error: NodeJS.ErrnoException, socket: Socket): void {
  const response = responseOn(socket)
  if (error.code === 'ECONNRESET' || !socket.writable || response?.headersSent) {
    socket.destroy()
    return
  }
  const [status, text] = parseErrorStatus(error)
  if (response !== undefined) undecided.get(response)?.record(status)
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Says whose record a parse error in the rest of the request belongs to, such as a malformed chunk of its body. */
export function blameParseErrorsOn(context: RequestContext, response: ServerResponse): void {
  undecided.set(response, context)
}

// The response whose turn it is on this connection. Node's own handler of parse errors looks here, and there is no
// public way to ask.
function responseOn(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
}

/** The status and its phrase for what the parser could not read. */
export function parseErrorStatus({ code }: NodeJS.ErrnoException): readonly [number, string] {
  return STATUS[code ?? ''] ?? [400, 'Bad Request']
}

const undecided = new WeakMap<ServerResponse, RequestContext>()

const STATUS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

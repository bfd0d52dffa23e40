import type { Socket } from 'node:net'

/**
 * Answers what Node's parser could not read: nothing was decided and nothing was forwarded, so the answer says as
 * little as HTTP allows and the connection ends, because nobody knows where the next request would begin.
 */
export function answerParseError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, text] = STATUS[error.code ?? ''] ?? [400, 'Bad Request']
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const STATUS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

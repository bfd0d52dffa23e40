import type { IncomingMessage } from 'node:http'

/** True for a request that a body follows (RFC 9112 section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
}

/** True for an answer that no body follows, whatever its Content-Length says (RFC 9112 section 6.3). */
export function isBodiless(status: number | undefined, request: IncomingMessage): boolean {
  return status === 204 || status === 304 || request.method === 'HEAD'
}

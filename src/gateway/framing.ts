import type { IncomingMessage } from 'node:http'

/** True for a request that a body follows (RFC 9112 section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
}

/** True for an answer that no body follows, whatever its Content-Length says (RFC 9112 section 6.3). */
export function isBodiless(status: number | undefined, request: IncomingMessage): boolean {
  return status === 204 || status === 304 || request.method === 'HEAD'
}

/**
 * True for an answer in a transfer coding besides chunked: undici takes the chunks away and nothing else, so the rest
 * would go out unlabelled (RFC 9112 section 6.1).
 *
 * @param rawHeaders name and value in turn, latin-1 bytes
 */
export function hasForeignCoding(rawHeaders: readonly Buffer[]): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length !== 17 || name.toString('latin1').toLowerCase() !== 'transfer-encoding') continue
    if (rawHeaders[index + 1]?.toString('latin1').trim().toLowerCase() !== 'chunked') return true
  }
  return false
}

import type { IncomingMessage } from 'node:http'

/** True for a request that a body follows (RFC 9112 section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
}

/** True for an answer that has no content, whatever its upstream sends with it (RFC 9110 section 15.3.6). */
export function dropsContent(status: number): boolean {
  return status === 205
}

/**
 * An answer's header lines without a length of content that it cannot have: 1xx and 204 say none (RFC 9110 section 8.6),
 * and 205 says 0. A client that believes another waits for it, or takes the next answer for it.
 *
 * @param headers name and value in turn
 */
export function framedHeaders(status: number, headers: string[]): string[] {
  if (dropsContent(status)) return [...withoutLength(headers), 'Content-Length', '0']
  return status === 204 || status < 200 ? withoutLength(headers) : headers
}

/** Header lines, name and value in turn, without Content-Length. */
export function withoutLength(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]!.toLowerCase() !== 'content-length') kept.push(headers[index]!, headers[index + 1]!)
  }
  return kept
}

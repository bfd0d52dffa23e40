import type { PageRequest } from '../../policy/explain/browser-view.js'

/** A request as bytes, and what bytes do not say. */
export interface RequestHead {
  /** An HTTP/1.1 head, one character per byte. */
  readonly bytes: string
  readonly scheme: 'http' | 'https'
  /** What the page itself has set, where that is known. */
  readonly page?: PageRequest
  /** What had to be assumed. */
  readonly notes: readonly string[]
}

export type HeaderLine = readonly [name: string, value: string]

/**
 * Writes a request head as it stands on the wire, nothing tidied up.
 *
 * @throws Error with one sentence, where a line break in it would begin another header.
 */
export function headBytes(method: string, target: string, headers: readonly HeaderLine[]): string {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  const broken = lines.find(line => /[\r\n]/.test(line))
  if (broken !== undefined)
    throw new Error(`a line break in ${JSON.stringify(broken)} would begin another header`)
  // As UTF-8 on the wire.
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8').toString('latin1')
}

/** As browsers send it (RFC 6455 section 4.1); a decision does not look at the key, which is the RFC's example. */
export const HANDSHAKE: readonly HeaderLine[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
]

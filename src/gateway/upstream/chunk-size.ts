import { MalformedResponse } from './response-head.js'

/**
 * The size that a line of the chunked coding says (RFC 9112 section 7.1), in bytes.
 *
 * @throws MalformedResponse
 */
export function chunkSizeOf(line: string): number {
  const digits = CHUNK_SIZE.exec(line)?.[1]
  if (digits === undefined) throw new MalformedResponse('a chunk size is malformed')
  return Number.parseInt(digits, 16)
}

/** What the hex digit at a place says; -1 where there is none. */
export function hexAt(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

const CHUNK_SIZE = /^([0-9A-Fa-f]{1,12}) *(?:;[\t\x20-\x7e]*)?$/

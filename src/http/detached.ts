/**
 * A copy of a piece of a text: V8 lets a piece point into the whole, which then lives as long. For pieces of requests and
 * responses that outlive them: a head is as long as whoever sends it likes.
 */
export function detached(piece: string): string {
  return Buffer.from(piece, 'utf16le').toString('utf16le')
}

import type { ServerResponse } from 'node:http'

/**
 * Ends an answer whose head is written, sent or not, with its last piece. `end(piece)` alone hands the socket two or
 * three pieces, and a write of several costs twice that of one.
 *
 * @param piece as a text, latin-1 (one character per byte), it leaves in one piece with a head that is not sent yet
 */
export function endWith(response: ServerResponse, piece: string | Buffer): void {
  if (typeof piece === 'string') response.write(piece, 'latin1')
  else response.write(piece)
  // Node corks the socket for one turn, in case there is more.
  response.socket?.uncork()
  response.end()
}

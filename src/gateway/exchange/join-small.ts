/**
 * The pieces of a body that came together, as few as is worth the copying: a body in chunks of one byte is otherwise
 * written as often, and each of them kept as an object of some hundred bytes for a reader who does not read.
 */
export function joinSmall(pieces: readonly Buffer[]): readonly Buffer[] {
  if (pieces.length < 2) return pieces
  const joined: Buffer[] = []
  let from = 0
  for (let index = 0; index <= pieces.length; index++) {
    const piece = pieces[index]
    if (piece !== undefined && piece.length < LARGE) continue
    if (index > from)
      joined.push(index - from === 1 ? pieces[from]! : Buffer.concat(pieces.slice(from, index)))
    if (piece !== undefined) joined.push(piece)
    from = index + 1
  }
  return joined
}

// Bytes: a piece so large is written by itself, as it is.
const LARGE = 8_192

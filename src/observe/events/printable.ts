/**
 * Makes a text safe for a log line and for the terminal that shows it: printable ASCII stays, everything else is
 * written as `\xNN` or `\uNNNN`, and what is over-long is cut with an ellipsis. JSON alone would let U+2028, bidi
 * controls and C1 bytes through.
 *
 * @param limit in characters of `text`
 */
export function printable(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}...` : text
  return PLAIN.test(cut) ? cut : cut.replace(UNPRINTABLE, written)
}

function written(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

const PLAIN = /^[\x20-\x7e]*$/
const UNPRINTABLE = /[^\x20-\x7e]/g

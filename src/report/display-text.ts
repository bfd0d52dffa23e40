/**
 * `text` without anything that a terminal would act on: control bytes (an escape sequence could rewrite the report)
 * and invisible or bidirectional marks (which make a line read otherwise than it is) are written as `\xNN`, `\u{N}`.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, visible)
}

/**
 * The same of a text of several lines, which stay lines.
 *
 * @param write how the format writes such a character, where its readers undo that
 */
export function escapeLines(text: string, write: (character: string) => string = visible): string {
  return text.replace(UNSAFE, character => (character === '\n' ? character : write(character)))
}

function visible(character: string): string {
  const code = character.codePointAt(0) as number
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** How many terminal columns `text` takes, once escaped: East Asian characters and emoji take two, accents none. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += WIDE.test(character) ? 2 : NARROWLESS.test(character) ? 0 : 1
  return columns
}

// Format characters beside the control ones: zero-width and bidi marks, and lone surrogates.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const NARROWLESS = /\p{M}/u

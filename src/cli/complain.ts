import { escapeControls } from '../report/display-text.js'

/**
 * Says on stderr, in one line, what a command complains of: bad input, or what it had to leave out. Whatever a file
 * name or an error holds, no control character reaches the terminal.
 */
export function complain(sentence: string): void {
  process.stderr.write(`crossgate: ${escapeControls(sentence)}\n`)
}

import { escapeControls } from '../../report/display-text.js'

/** Says on stderr, in one line, what a command complains of: bad input, or what it had to leave out. */
export function complain(sentence: string): void {
  process.stderr.write(complaint(sentence))
}

/** The line that says it. Whatever a file name or an error holds, no control character reaches the terminal. */
export function complaint(sentence: string): string {
  return `crossgate: ${escapeControls(sentence)}\n`
}

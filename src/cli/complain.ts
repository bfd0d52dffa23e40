import { LineSink } from '../observe/log/line-sink.js'
import { Patience } from '../observe/log/patience.js'
import { standardOutlet } from '../observe/log/standard-outlet.js'
import { escapeControls } from '../report/display-text.js'

/**
 * Says on stderr, in one line, what a command complains of: bad input, or what it had to leave out. Whatever a file
 * name or an error holds, no control character reaches the terminal.
 */
export function complain(sentence: string): void {
  complaints ??= new LineSink({
    outlet: standardOutlet(2),
    bufferBytes: 0,
    patience: new Patience(1_000),
    retry: 1_000,
  })
  complaints.write(`crossgate: ${escapeControls(sentence)}\n`)
}

// Not `process.stderr`: each worker that ends makes a pipe block for all that have it, and one that nobody reads would
// hold this process inside write(2).
let complaints: LineSink | undefined

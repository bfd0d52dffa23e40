import type { StartFailure } from '../../gateway/open-parts.js'
import { formatText } from '../../report/text.js'
import { complain } from './complain.js'
import { usesColour } from './terminal.js'

/** Prints why a policy did not load: every problem with its line and caret, then the sentence that sums it up. To stderr. */
export function printLoadFailure(failure: StartFailure): void {
  const { problems, files, message } = failure
  if (problems.length > 0) {
    const sources = new Map(files.map(({ file, text }) => [file, text]))
    process.stderr.write(`${formatText(problems, { sources, colour: usesColour(process.stderr) })}\n`)
  }
  complain(message)
}

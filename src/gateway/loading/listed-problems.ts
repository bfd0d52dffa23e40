import { printable } from '../../observe/events/printable.js'
import type { Problem } from '../../policy/problems/problem.js'

/** The first few problems as the logs have them: `file:line:column: code message`, and what to write instead. */
export function listedProblems(problems: readonly Problem[]): readonly string[] {
  return problems.slice(0, MAX_LISTED).map(lineOf)
}

function lineOf({ file, line, column, code, message, suggestion }: Problem): string {
  const help = suggestion === undefined ? '' : `; help: ${suggestion}`
  return printable(`${file}:${line}:${column}: ${code} ${message}${help}`, 500)
}

/** How many of something a log line has. */
export const MAX_LISTED = 20

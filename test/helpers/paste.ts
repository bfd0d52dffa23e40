import type { Problem } from '../../src/policy/problems/problem.js'

/** Puts every replacement in its place, as an editor's quick fix would. */
export function pasteAll(text: string, problems: readonly Problem[]): string {
  const lines = text.split('\n')
  for (const { replacement, replacementAt, ...own } of [...problems].reverse()) {
    if (replacement === undefined) continue
    const { line, column, endColumn } = replacementAt ?? own
    const old = lines[line - 1] as string
    lines[line - 1] = old.slice(0, column - 1) + replacement + old.slice(endColumn - 1)
  }
  return lines.join('\n')
}

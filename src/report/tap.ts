import { escapeControls } from './display-text.js'
import { countCases, type TestCase, type TestSuite } from './test-suite.js'

/** Test results as TAP 14. */
export function formatTap(suites: readonly TestSuite[]): string {
  const lines = ['TAP version 14', `1..${countCases(suites)}`]
  let number = 0
  for (const suite of suites) {
    for (const one of suite.cases) lines.push(...linesOf(suite, one, ++number))
  }
  return `${lines.join('\n')}\n`
}

function linesOf(suite: TestSuite, { name, line, failures }: TestCase, number: number): readonly string[] {
  // A `#` would begin a directive.
  const title = escapeControls(name).replace(/[#\\]/g, '\\$&')
  if (failures.length === 0) return [`ok ${number} - ${title}`]
  const at = suite.file === undefined ? suite.name : `${suite.file}${line === undefined ? '' : `:${line}`}`
  return [
    `not ok ${number} - ${title}`,
    '  ---',
    `  at: ${JSON.stringify(at)}`,
    '  failures:',
    ...failures.map(failure => `    - ${JSON.stringify(failure)}`),
    '  ...',
  ]
}

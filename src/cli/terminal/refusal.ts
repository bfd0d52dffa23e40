import type { Problem } from '../../policy/problems/problem.js'
import { placeOf } from '../../report/finding.js'
import { formatJson, type JsonCommand } from '../../report/json.js'
import type { TestSuite } from '../../report/test-suite.js'

/** A policy or a file of expectations that cannot be used: what stderr says of it, for formats that tools read. */
export interface Refusal {
  /** As the command line names it. */
  readonly path: string
  readonly message: string
  /** None where it could not be read. */
  readonly problems: readonly Problem[]
}

/** With the same findings as `check --format json`. */
export function refusalJson(command: JsonCommand, refusals: readonly Refusal[]): string {
  return formatJson(command, {
    valid: false,
    refused: refusals.map(({ path, message }) => ({ path, message })),
    findings: refusals.flatMap(({ problems }) => problems),
  })
}

/** For `openPolicy`: says a refusal on stdout where that is to be JSON. */
export function sayRefusal(command: JsonCommand, format: string): (refusal: Refusal) => void {
  return refusal => {
    if (format === 'json') process.stdout.write(refusalJson(command, [refusal]))
  }
}

/** As tests that failed, since a report of tests can say nothing else. */
export function refusalSuites(refusals: readonly Refusal[]): readonly TestSuite[] {
  return refusals.map(({ path, message, problems }) => ({
    name: path,
    file: path,
    milliseconds: 0,
    cases: [
      {
        name: `${path} can be used`,
        milliseconds: 0,
        failures: [
          message,
          ...problems.map(
            problem => `${placeOf(problem)}: ${problem.severity} ${problem.code}: ${problem.message}`,
          ),
        ],
      },
    ],
  }))
}

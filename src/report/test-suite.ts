/** Checks that were made, for the formats of test reports. */
export interface TestSuite {
  readonly name: string
  readonly file?: string
  readonly cases: readonly TestCase[]
  readonly milliseconds: number
}

export interface TestCase {
  readonly name: string
  readonly line?: number
  readonly milliseconds: number
  /** Absent: passed. One line per thing that is not as expected. */
  readonly failures: readonly string[]
  /** Why it was not made at all. */
  readonly skipped?: string
}

export function countFailed(suites: readonly TestSuite[]): number {
  return suites.reduce(
    (sum, { cases }) => sum + cases.filter(({ failures }) => failures.length > 0).length,
    0,
  )
}

export function countSkipped(suites: readonly TestSuite[]): number {
  return suites.reduce((sum, { cases }) => sum + cases.filter(one => one.skipped !== undefined).length, 0)
}

export function countCases(suites: readonly TestSuite[]): number {
  return suites.reduce((sum, { cases }) => sum + cases.length, 0)
}

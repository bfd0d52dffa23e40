import { dryRun } from '../gateway/dry-run/dry-run.js'
import { pageHead } from '../gateway/dry-run/page-head.js'
import type { RequestHead } from '../gateway/dry-run/request-head.js'
import type { PolicyFile } from '../gateway/loading/policy-source.js'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import type { Coverage } from '../policy/expectations/coverage.js'
import type { Expectation, Expectations } from '../policy/expectations/expectations-schema.js'
import {
  judgeExpectation,
  judgeUnreadable,
  meaninglessDenial,
} from '../policy/expectations/judge-expectation.js'
import type { TestCase, TestSuite } from '../report/test-suite.js'
import { requestLimits } from './given/request-limits.js'

/** One file of expectations, read. */
export interface ExpectationsFile {
  readonly file: PolicyFile
  /** The path of the policy that it is about. */
  readonly policy: string
  readonly expectations: Expectations
  readonly lines: readonly number[]
}

/** Puts every request of a file to the policy, as `explain` would, and holds the decision against the expectation. */
export async function runExpectations(
  policy: CompiledPolicy,
  { file, expectations, lines }: ExpectationsFile,
  coverage: Coverage,
): Promise<TestSuite> {
  const start = performance.now()
  const now = expectations.today === undefined ? Date.now() : Date.parse(`${expectations.today}T00:00:00Z`)
  const cases: TestCase[] = []
  for (const [index, expectation] of expectations.tests.entries()) {
    const began = performance.now()
    const failures = await judge(policy, expectation, now, coverage)
    const line = lines[index]
    cases.push({
      name: expectation.name,
      ...(line !== undefined && { line }),
      milliseconds: performance.now() - began,
      failures,
    })
  }
  return { name: file.file, file: file.file, cases, milliseconds: performance.now() - start }
}

async function judge(
  policy: CompiledPolicy,
  { request, expect }: Expectation,
  now: number,
  coverage: Coverage,
): Promise<readonly string[]> {
  let head: RequestHead
  try {
    const header = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`)
    head = pageHead({ ...request, header })
  } catch (error) {
    return [(error as Error).message]
  }
  const run = await dryRun(policy, head, LIMITS, now)
  if (run.unreadable !== undefined) {
    const failures = judgeUnreadable(expect, run.unreadable)
    return failures.length === 0 ? [] : [...failures, ...head.notes]
  }
  coverage.add(run.explanation)
  const failures = judgeExpectation(expect, run.explanation)
  const meaningless = meaninglessDenial(expect, run.explanation)
  return failures.length > 0 || meaningless === undefined ? failures : [meaningless]
}

const LIMITS = requestLimits()

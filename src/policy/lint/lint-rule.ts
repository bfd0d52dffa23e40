import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import type { Position, Problem, Severity } from '../problems/problem.js'
import type { AttackResult } from './attack-policy.js'

/** One thing to look for in a policy that loads. Each has a row in docs/lint.md, and examples in test/policy/lint. */
export interface LintRule {
  readonly code: string
  readonly severity: Severity
  /** What it is about, in a few words: the row in the docs and the rule's name in SARIF. */
  readonly title: string
  check(context: LintContext): Iterable<LintFinding>
}

/** What a rule finds, as `check` tells it: its code is the rule's, or one of the suppressions'. */
export type LintProblem = Problem<string>

export interface LintFinding {
  readonly at: Position
  readonly message: string
  readonly suggestion?: string
}

export interface LintContext {
  readonly policy: CompiledPolicy
  /** Unix milliseconds. */
  readonly now: number
  /** More origins than this on a rule with credentials are worth a warning. */
  readonly maxCredentialedOrigins: number
  readonly attack: AttackResult
}

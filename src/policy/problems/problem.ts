import type { ProblemCode } from './problem-codes.js'

/** How bad a problem is. Only an `error` keeps a policy from loading. */
export type Severity = 'error' | 'warning' | 'info'

/** Where in the policy's text something stands; lines and columns count from 1, `endColumn` is exclusive. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endColumn: number
}

/**
 * One thing wrong with a policy: a stable code, where it is, one sentence, and what to write instead.
 * Every code has a row in docs/problems.md.
 */
export interface Problem<Code extends string = ProblemCode> extends Position {
  readonly code: Code
  readonly severity: Severity
  readonly message: string
  /** What to do; safe to follow as it stands: it never opens more than the author wrote. */
  readonly suggestion?: string
  /** Replacement text for exactly `column`..`endColumn`, where one exists that can be pasted. */
  readonly replacement?: string
  /** What to replace, where that is not the place of the problem: an entry of a set that a rule names. */
  readonly replacementAt?: Position
}

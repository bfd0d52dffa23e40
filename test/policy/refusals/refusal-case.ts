import type { ProblemCode } from '../../../src/policy/problems/problem-codes.js'

/** A policy that must not load, with the one problem that it has; `«»` mark where. */
export interface RefusalCase {
  readonly title: string
  readonly code: ProblemCode
  readonly policy: string
  /** What a paste over the marked text must be. */
  readonly replacement?: string
  /** Other problems that come of the same mistake. */
  readonly also?: readonly ProblemCode[]
}

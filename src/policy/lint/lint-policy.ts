import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { byPlace } from '../problems/problem-list.js'
import type { SourceFile } from '../problems/source.js'
import { attackPolicy } from './attack-policy.js'
import type { LintProblem } from './lint-rule.js'
import { LINT_RULES } from './lint-rules.js'
import { applySuppressions } from './suppression.js'

export interface LintOptions {
  /** Unix milliseconds. */
  readonly now: number
  readonly maxCredentialedOrigins: number
}

export interface LintResult {
  /** By file, line and column. */
  readonly problems: readonly LintProblem[]
  readonly suppressed: number
  /** How many crafted origins the policy was attacked with. */
  readonly tried: number
}

/** Looks for what a policy may do and probably should not, and attacks it with crafted origins. */
export function lintPolicy(
  policy: CompiledPolicy,
  files: readonly SourceFile[],
  { now, maxCredentialedOrigins }: LintOptions,
): LintResult {
  const attack = attackPolicy(policy, now)
  const context = { policy, now, maxCredentialedOrigins, attack }
  const found: LintProblem[] = []
  for (const { code, severity, check } of LINT_RULES) {
    for (const { at, ...said } of check(context)) found.push({ ...at, code, severity, ...said })
  }
  const { problems, suppressed } = applySuppressions(found, files, now)
  return { problems: [...problems].sort(byPlace), suppressed, tried: attack.tried }
}

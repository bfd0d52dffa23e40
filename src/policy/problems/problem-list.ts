import type { Position, Problem, Severity } from './problem.js'
import type { ProblemCode } from './problem-codes.js'
import { positionOf, type Span } from './source.js'

/** What to do about a problem; see `Problem`. */
export interface Remedy {
  readonly suggestion?: string | undefined
  readonly replacement?: string | undefined
  readonly replacementAt?: Position | undefined
}

/** Gathers everything that is wrong, so that an author sees it all at once and not one thing per attempt. */
export class ProblemList {
  readonly #problems = new Map<string, Problem>()
  #hasErrors = false

  get hasErrors(): boolean {
    return this.#hasErrors
  }

  error(code: ProblemCode, at: Span | Position, message: string, remedy: Remedy = {}): void {
    this.#hasErrors = true
    this.#add(code, 'error', at, message, remedy)
  }

  warning(code: ProblemCode, at: Span | Position, message: string, remedy: Remedy = {}): void {
    this.#add(code, 'warning', at, message, remedy)
  }

  addAll(others: ProblemList): void {
    this.#hasErrors ||= others.#hasErrors
    for (const [key, problem] of others.#problems) this.#problems.set(key, problem)
  }

  /** By file, line and column, each once. */
  sorted(): readonly Problem[] {
    return [...this.#problems.values()].sort(byPlace)
  }

  #add(code: ProblemCode, severity: Severity, at: Span | Position, message: string, remedy: Remedy): void {
    const position = 'source' in at ? positionOf(at) : at
    const { suggestion, replacement, replacementAt } = remedy
    // The same node is seen once per alias to it, and says the same thing every time.
    const key = JSON.stringify([position.file, position.line, position.column, code, message])
    this.#problems.set(key, {
      ...position,
      code,
      severity,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(replacement === undefined ? {} : { replacement, ...(replacementAt && { replacementAt }) }),
    })
  }
}

/** For `sort`: by file, line, column and code. */
export function byPlace(a: Problem<string>, b: Problem<string>): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
}

/** How bad a finding is. */
export type Severity = 'error' | 'warning' | 'info'

/**
 * One thing to tell someone about a file: what, where, and what to do. Policy problems are findings as they stand;
 * so are those of lint rules and scans.
 */
export interface Finding {
  readonly file: string
  /** From 1, like `column`. */
  readonly line: number
  /** In UTF-16 units of the line. */
  readonly column: number
  /** Exclusive. */
  readonly endColumn: number
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly suggestion?: string
  /** Replacement text for exactly `column`..`endColumn`. */
  readonly replacement?: string
}

/** How bad a finding is. */
export type Severity = 'error' | 'warning' | 'info'

/**
 * One thing to tell someone: what, where, and what to do. Policy problems are findings as they stand; so are those
 * of lint rules, which stand in a file, and those of scans, which stand at a target.
 */
export interface Finding {
  readonly code: string
  readonly severity: Severity
  /** One sentence. */
  readonly message: string
  /** Where it stands in a file; absent where it is about no file. */
  readonly file?: string
  /** From 1, like `column`; absent where the whole file is meant. */
  readonly line?: number
  /** In UTF-16 units of the line. */
  readonly column?: number
  /** Exclusive. */
  readonly endColumn?: number
  /** What it is about where that is no file: the URL that was scanned. */
  readonly target?: string
  /** The same for the same finding in every run, where that is not clear from its place. */
  readonly fingerprint?: string
  readonly suggestion?: string
  /** Replacement text for exactly `column`..`endColumn`. */
  readonly replacement?: string
  /** What to replace, where that is not the finding's own place. */
  readonly replacementAt?: Readonly<Record<'line' | 'column' | 'endColumn', number> & { file: string }>
  /** Further lines to read: evidence, or how to see it oneself. */
  readonly details?: readonly string[]
}

/** How bad a finding is, as a number: higher is worse. */
export function rankOf(severity: Severity): number {
  return RANKS[severity]
}

/** `file:line:column`, as far as it goes, or the target; empty where there is neither. */
export function placeOf({ file, line, column, target }: Finding): string {
  if (file === undefined) return target ?? ''
  if (line === undefined) return file
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`
}

const RANKS = { info: 0, warning: 1, error: 2 } as const

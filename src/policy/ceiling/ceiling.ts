/** Bounds on what a policy may open; undefined: no bound. */
export interface Ceiling {
  readonly originsUnder: ReadonlySet<string> | undefined
  readonly allowAnyOrigin: boolean
  readonly allowCredentials: boolean
  readonly allowMethods: ReadonlySet<string> | undefined
  /** Lower case. */
  readonly allowHeaders: ReadonlySet<string> | undefined
  readonly exposeHeaders: ReadonlySet<string> | undefined
  /** Seconds. */
  readonly maxAge: number | undefined
  readonly reportDays: number | undefined
  readonly requireOwner: boolean
  readonly requireExpiry: boolean
  /** True where the file itself has a line for the bound. */
  sets(field: keyof Ceiling): boolean
  /** `file:line: text` of the line that sets a bound; the file alone where none does. */
  lineOf(field: keyof Ceiling): string
}

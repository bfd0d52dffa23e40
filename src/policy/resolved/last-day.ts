/** The day (UTC) that ends at a moment (Unix milliseconds), as a policy writes it. */
export function lastDayOf(end: number): string {
  return new Date(end - 1).toISOString().slice(0, 10)
}

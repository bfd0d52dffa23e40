/** How a policy writes a day. That the calendar has it, `endOfDay` says. */
export const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

/** The first moment after a day (Unix milliseconds, UTC); undefined where the calendar has no such day. */
export function endOfDay(text: string): number | undefined {
  const start = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // February 30th may be read as March 2nd.
  const isThere = !Number.isNaN(start) && new Date(start).toISOString().startsWith(text)
  return isThere ? start + DAY_MILLISECONDS : undefined
}

export const DAY_MILLISECONDS = 86_400_000

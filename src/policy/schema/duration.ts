/** What a duration looks like as text: an amount and its unit, nothing between them. */
export const DURATION = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h)$/

/** Reads `500ms`, `30s`, `10m`, `2h`, or a number of seconds; milliseconds, or undefined for anything else. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value * 1000 : undefined
  const [, amount, unit] = DURATION.exec(value) ?? []
  return amount === undefined || unit === undefined
    ? undefined
    : Number(amount) * (MILLISECONDS.get(unit) as number)
}

const MILLISECONDS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

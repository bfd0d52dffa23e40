/** A kind of duration: how it is written besides as a number of seconds, with nothing between an amount and its unit. */
export interface DurationFormat {
  readonly pattern: RegExp
  /** As sentences list them. */
  readonly examples: string
}

/** For timers. Whatever the pattern takes is a whole number of milliseconds. */
export const MILLISECONDS: DurationFormat = {
  pattern: /^(?:\d{1,9}ms|\d{1,9}(?:\.\d{1,3})?[smh])$/,
  examples: '500ms, 30s, 10m or 2h',
}

/** For what HTTP counts in seconds. Whatever the pattern takes is a whole number of them. */
export const WHOLE_SECONDS: DurationFormat = {
  pattern: /^(?:\d{1,9}s|\d{1,9}(?:\.\d)?[mh])$/,
  examples: '30s, 10m or 2h',
}

/** The longest time that anything is waited for, in milliseconds: Node's timers overflow at 25 days, and then fire at once. */
export const LONGEST_WAIT = 86_400_000

/** Reads a duration of this format, or a number of seconds; milliseconds, or undefined for anything else. */
export function parseDuration(value: string | number, format: DurationFormat): number | undefined {
  // Not to the millisecond: whoever wants whole seconds must see that 1.0004 is none.
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value * 1e6) / 1000 : undefined
  if (!format.pattern.test(value)) return undefined
  // The pattern has whole milliseconds, but 1.1 * 3_600_000 is 3960000.0000000005.
  return Math.round(Number.parseFloat(value) * (UNITS.get(value.replace(/^[\d.]+/, '')) as number))
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

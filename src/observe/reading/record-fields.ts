import { printable } from '../events/printable.js'

/**
 * Fields of a line that was read back, where they have the type they are written with. Whoever can add a line to a log
 * can write anything into it: text is made as safe for a terminal, and for a patch, as the gateway writes its own.
 */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? printable(value, MAX_TEXT) : undefined
}

/** A whole number from 0 on, as all that records count are. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A field that is a list, its items as text; empty where it is none. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(item => printable(String(item), MAX_TEXT)) : []
}

// In characters; the gateway's own are shorter.
const MAX_TEXT = 1_024

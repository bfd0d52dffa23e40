import { VERSION } from '../version.js'
import { escapeLines } from './display-text.js'

/** Whose output it is; `serve` is the admin listener's `/policy`. */
export type JsonCommand =
  | 'check'
  | 'explain'
  | 'test'
  | 'diff'
  | 'scan'
  | 'audit report'
  | 'audit suggest'
  | 'doctor'
  | 'schema'
  | 'serve'

/**
 * What a command says as JSON: one object that begins alike everywhere. Its fields are in config/output.schema.json and
 * docs/json.md. Ends with a line break.
 */
export function formatJson(command: JsonCommand, body: object): string {
  return jsonText({ tool: 'crossgate', version: VERSION, schema: 1, command, ...body })
}

/** Any value as JSON to print: a terminal acts on nothing in it. Ends with a line break. */
export function jsonText(value: object): string {
  return `${escapeLines(JSON.stringify(value, forTools, 2), escaped)}\n`
}

// Clocks are no finer than they are sure of: a tenth of a millisecond.
function forTools(key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value]
  return key === 'milliseconds' && typeof value === 'number' ? Math.round(value * 10) / 10 : value
}

// JSON itself escapes no control bytes above 0x7e, and no marks that turn the direction of a line.
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
}

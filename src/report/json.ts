import { escapeLines } from './display-text.js'
import type { FindingReport } from './finding-report.js'

/** What is printed as JSON: findings of any shape, since tools take more than people can read. */
export interface JsonReport extends Pick<FindingReport, 'tool' | 'facts'> {
  readonly findings: readonly object[]
}

/** Findings for tools: one object, its `findings` in the order given. Ends with a line break. */
export function formatJson({ tool, findings, facts }: JsonReport): string {
  return jsonText({ tool: tool.name, version: tool.version, ...facts, findings })
}

/** Any value as JSON to print: it parses to the same, and a terminal acts on nothing in it. Ends with a line break. */
export function jsonText(value: unknown): string {
  return `${escapeLines(JSON.stringify(value, null, 2), escaped)}\n`
}

// JSON itself escapes no control bytes above 0x7e, and no marks that turn the direction of a line.
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
}

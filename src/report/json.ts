import type { FindingReport } from './finding-report.js'

/** What is printed as JSON: findings of any shape, since tools take more than people can read. */
export interface JsonReport extends Pick<FindingReport, 'tool' | 'facts'> {
  readonly findings: readonly object[]
}

/** Findings for tools: one object, its `findings` in the order given. Ends with a line break. */
export function formatJson({ tool, findings, facts }: JsonReport): string {
  return `${JSON.stringify({ tool: tool.name, version: tool.version, ...facts, findings }, null, 2)}\n`
}

import type { FindingReport } from './finding-report.js'

/** Findings for tools: one object, its `findings` in the order given. Ends with a line break. */
export function formatJson({ tool, findings, facts }: FindingReport): string {
  return `${JSON.stringify({ tool: tool.name, version: tool.version, ...facts, findings }, null, 2)}\n`
}

import { escapeLines } from './display-text.js'
import type { Finding, Severity } from './finding.js'
import type { FindingReport } from './finding-report.js'

/** Findings as GitHub workflow commands, which become annotations of a pull request's lines. */
export function formatGithub({ findings }: FindingReport): string {
  return findings.map(commandOf).join('')
}

function commandOf(finding: Finding): string {
  const { code, severity, message, file, line, column, endColumn, target, suggestion, details = [] } = finding
  const properties = Object.entries({
    file,
    line,
    col: column,
    // The end is inclusive here.
    endColumn: endColumn === undefined ? undefined : endColumn - 1,
    title: code,
  }).filter(([, value]) => value !== undefined)
  const written = properties.map(([name, value]) => `${name}=${escapeProperty(String(value))}`).join(',')
  const lines = [
    target === undefined ? message : `${target}: ${message}`,
    ...(suggestion === undefined ? [] : [`help: ${suggestion}`]),
    ...details,
  ]
  return `::${COMMANDS[severity]} ${written}::${escapeData(lines.join('\n'))}\n`
}

// Whatever a policy file holds, or is called, must not become another command, nor one of the terminal's.
function escapeData(text: string): string {
  return escapeLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' }

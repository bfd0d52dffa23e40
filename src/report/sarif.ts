import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Finding, Severity } from './finding.js'
import type { CodeFacts, FindingReport } from './finding-report.js'
import { jsonText } from './json.js'

/** Findings as SARIF 2.1.0, which code hosts show beside the lines. Ends with a line break. */
export function formatSarif({ tool, findings, codes }: FindingReport): string {
  const ids = [...new Set(findings.map(({ code }) => code))].sort()
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            rules: ids.map(id => ruleOf(id, codes.get(id))),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(finding => resultOf(finding, ids.indexOf(finding.code))),
      },
    ],
  }
  return jsonText(log)
}

function ruleOf(id: string, facts: CodeFacts | undefined) {
  return {
    id,
    ...(facts && { shortDescription: { text: facts.title } }),
    ...(facts?.help && { help: { text: facts.help } }),
    ...(facts?.tags && { properties: { tags: facts.tags, 'security-severity': facts.securitySeverity } }),
  }
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { code, severity, message, suggestion, details = [] } = finding
  const text = [message, ...(suggestion === undefined ? [] : [`Help: ${suggestion}`]), ...details].join('\n')
  const location = locationOf(finding)
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text },
    ...(location && { locations: [location] }),
    ...(finding.fingerprint && { partialFingerprints: { 'crossgate/v1': finding.fingerprint } }),
    ...(finding.replacement !== undefined && finding.line !== undefined && { fixes: [fixOf(finding)] }),
  }
}

function locationOf(finding: Finding) {
  if (finding.file !== undefined) {
    return {
      physicalLocation: {
        artifactLocation: { uri: uriOf(finding.file) },
        ...(finding.line !== undefined && { region: regionOf(finding) }),
      },
    }
  }
  if (finding.target === undefined) return undefined
  return {
    // Code hosts refuse a result without one.
    physicalLocation: { artifactLocation: { uri: finding.target } },
    logicalLocations: [{ fullyQualifiedName: finding.target, kind: 'resource' }],
  }
}

function fixOf(finding: Finding) {
  const at = finding.replacementAt ?? finding
  return {
    description: { text: finding.suggestion ?? 'replace it' },
    artifactChanges: [
      {
        artifactLocation: { uri: uriOf(at.file ?? '') },
        replacements: [{ deletedRegion: regionOf(at), insertedContent: { text: finding.replacement ?? '' } }],
      },
    ],
  }
}

function regionOf({ line, column, endColumn }: Pick<Finding, 'line' | 'column' | 'endColumn'>) {
  return {
    startLine: line,
    ...(column !== undefined && { startColumn: column }),
    ...(endColumn !== undefined && { endColumn }),
  }
}

// A relative reference: whoever reads the log knows the root of the repository.
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
}

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' }

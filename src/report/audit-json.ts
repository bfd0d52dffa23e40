import { type AuditReport, topOrigins } from './audit-report.js'

/** The report for tools. */
export function auditJson(report: AuditReport, top: number): string {
  const body = {
    ...report,
    denials: report.denials.slice(0, top).map(({ methods, ...row }) => ({ ...row, methods: [...methods] })),
    kinds: report.denials.length,
    topOrigins: named(topOrigins(report), top),
    reasons: named(report.reasons, top),
    routes: named(report.routes, top),
    drift: report.drift.slice(0, top),
  }
  return `${JSON.stringify(body, (_, value) => (value instanceof Set ? [...value] : value), 2)}\n`
}

function named(rows: readonly (readonly [string, number])[], top: number): readonly object[] {
  return rows.slice(0, top).map(([name, count]) => ({ name, count }))
}

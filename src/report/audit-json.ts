import { type AuditReport, NO_ORIGIN, topOrigins } from './audit-report.js'
import { formatJson } from './json.js'

/** The report for tools. */
export function auditJson(report: AuditReport, top: number): string {
  const { denials, reasons, routes, drift, policies, timeline, ...totals } = report
  return formatJson('audit report', {
    ...totals,
    denials: denials.slice(0, top),
    kinds: denials.length,
    topOrigins: topOrigins(report)
      .slice(0, top)
      .map(([origin, count]) => ({ ...(origin !== NO_ORIGIN && { origin }), count })),
    reasons: reasons.slice(0, top).map(([reason, count]) => ({ reason, count })),
    routes: routes.slice(0, top).map(([route, count]) => ({ route, count })),
    drift: drift.slice(0, top),
    policies: policies.map(({ revision, ...row }) => ({ ...row, policyRevision: revision })),
    timeline: {
      stepMilliseconds: timeline.step,
      steps: timeline.steps.map(step => ({ ...step, start: new Date(step.start).toISOString() })),
    },
  })
}

import {
  type AuditReport,
  NO_ORIGIN,
  routeOf,
  topOrigins,
  triedToAllow,
  when,
  windowNote,
} from './audit-report.js'
import { formatTable } from './table.js'

/** The report for a terminal. */
export function auditText(report: AuditReport, top: number): string {
  const { denied, reported, allowed, from, until, denials, others, drift, policies, missing } = report
  const parts = [
    `${denied} denied, ${reported} would be denied (report mode), ${allowed} allowed recorded; ${when(from)} to ${when(until)} UTC`,
  ]
  if (missing > 0) parts.push(`${missing} records are missing: their sequence numbers are not in these files`)
  if (report.unreadable > 0) parts.push(`${report.unreadable} of ${report.lines} lines are not audit records`)
  const note = windowNote(report.countsFinalAt)
  if (note !== undefined) parts.push(note)
  if (denied + reported === 0) parts.push('\nNobody was denied.')
  else {
    const rows = denials
      .slice(0, top)
      .map(row => [
        row.count,
        row.origin ?? NO_ORIGIN,
        routeOf(row),
        `${row.reason}${row.enforced ? '' : ' (report)'}`,
        [...row.methods].join(' '),
        when(row.firstSeen),
        when(row.lastSeen),
        row.hint ?? '',
      ])
    parts.push(
      section('Who was denied, where and why'),
      formatTable(['times', 'origin', 'route', 'reason', 'methods', 'first seen', 'last seen', 'hint'], rows),
    )
    if (denials.length > top) parts.push(`… and ${denials.length - top} more kinds (--top)`)
    if (others > 0) parts.push(`… and ${others} denials of kinds too many to list`)
    parts.push(section('Top origins'), formatTable(['times', 'origin'], flip(topOrigins(report), top)))
    parts.push(section('Reasons'), formatTable(['times', 'reason'], flip(report.reasons, top)))
    if (report.routes.length > 0)
      parts.push(section('Routes'), formatTable(['times', 'route'], flip(report.routes, top)))
  }
  if (drift.length > 0) {
    const rows = drift
      .slice(0, top)
      .map(row => [
        row.count,
        row.upstream,
        row.headers.join(' '),
        triedToAllow(row).join(''),
        row.enforced ? 'removed' : 'passed on (report)',
        when(row.lastSeen),
      ])
    parts.push(
      section('Upstreams that still send CORS headers'),
      formatTable(['responses', 'upstream', 'headers', 'tried to allow', 'they were', 'last seen'], rows),
    )
  }
  if (policies.length > 0) {
    const rows = policies
      .slice(-top)
      .map(({ time, event, revision, text }) => [when(time), event, revision.slice(0, 10), text])
    parts.push(section('Policies'), formatTable(['time', 'event', 'revision', 'what'], rows))
  }
  return `${parts.join('\n')}\n`
}

function section(title: string): string {
  return `\n${title}\n${'-'.repeat(title.length)}`
}

function flip(rows: readonly (readonly [string, number])[], top: number): (string | number)[][] {
  return rows.slice(0, top).map(([name, count]) => [count, name])
}

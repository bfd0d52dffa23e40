import type { DecisionStep } from './decision-chart.js'

/** What an audit log says, as the report's formats need it. */
export interface AuditReport {
  readonly denied: number
  readonly reported: number
  readonly allowed: number
  readonly from: string | undefined
  readonly until: string | undefined
  readonly denials: readonly AuditDenial[]
  readonly others: number
  readonly reasons: readonly (readonly [string, number])[]
  readonly routes: readonly (readonly [string, number])[]
  readonly drift: readonly AuditDrift[]
  readonly policies: readonly {
    readonly time: string
    readonly event: string
    readonly revision: string
    readonly text: string
  }[]
  readonly timeline: {
    readonly step: number
    readonly steps: readonly DecisionStep[]
  }
  readonly missing: number
  /** Until then a window of the log is open, and counts may be too low; undefined: they are complete. RFC 3339. */
  readonly countsFinalAt?: string | undefined
  readonly processes: number
  readonly lines: number
  readonly unreadable: number
  readonly bytes: number
}

export interface AuditDenial {
  readonly origin: string | undefined
  readonly route: string | undefined
  readonly reason: string
  readonly enforced: boolean
  readonly hint: string | undefined
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly methods: ReadonlySet<string>
  readonly path: string
  readonly host: string
  readonly preflight: boolean
}

export interface AuditDrift {
  readonly upstream: string
  readonly headers: readonly string[]
  readonly enforced: boolean
  readonly allowOrigin: string | undefined
  readonly allowOrigins: number
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
}

/** Undefined where the counts are complete. */
export function windowNote(countsFinalAt: string | undefined): string | undefined {
  if (countsFinalAt === undefined) return undefined
  return `Counts may still be too low: equal denials are counted and written when their window (--audit-window) ends, here by ${when(countsFinalAt)} UTC.`
}

/**
 * Whom an upstream tried to allow: text, an origin, text. One that allowed several may reflect whatever it is sent, and
 * then the latest says nothing. What was removed is folded whatever it allowed, so there may have been more.
 */
export function triedToAllow(drift: AuditDrift): readonly [string, string, string] {
  const { allowOrigin = '', allowOrigins, enforced } = drift
  if (allowOrigins < 2) return ['', allowOrigin, '']
  return [`${enforced ? 'at least ' : ''}${allowOrigins} origins, `, allowOrigin, ' last (reflects?)']
}

/** Stands for the origin of requests without one. */
export const NO_ORIGIN = '(no Origin)'

/** Most denied origins, over all routes and reasons. */
export function topOrigins(report: AuditReport): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const { origin = NO_ORIGIN, count } of report.denials)
    counts.set(origin, (counts.get(origin) ?? 0) + count)
  return [...counts].sort(([, a], [, b]) => b - a)
}

/** `2026-11-22 07:05:09`: to the second, UTC. */
export function when(time: string | undefined): string {
  return time === undefined ? '-' : time.slice(0, 19).replace('T', ' ')
}

/** The route of a denial, or, where none held the request, the host that it asked for. */
export function routeOf({ route, host }: AuditDenial): string {
  return route ?? `(none; host ${host})`
}

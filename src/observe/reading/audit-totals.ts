/** Denials of one origin on one route for one reason. */
export interface DenialSummary {
  readonly origin: string | undefined
  readonly route: string | undefined
  readonly reason: string
  readonly enforced: boolean
  readonly hint: string | undefined
  count: number
  /** RFC 3339. */
  firstSeen: string
  lastSeen: string
  /** Methods asked for, a preflight's announced one included; the first few. */
  readonly methods: Set<string>
  /** Request headers that preflights announced. */
  readonly headers: Set<string>
  /** Of the latest. */
  path: string
  host: string
  /** True where one of them was a preflight. */
  preflight: boolean
  /** True where one of them opened a WebSocket: pages read those without CORS. */
  opened: boolean
}

export interface DriftSummary {
  readonly upstream: string
  readonly headers: readonly string[]
  /** False in report mode: they were passed on. */
  readonly enforced: boolean
  /** The latest Access-Control-Allow-Origin. */
  allowOrigin: string | undefined
  /** Different ones in the records, counted up to 1,000. Where they were removed, a folded record holds only one. */
  allowOrigins: number
  count: number
  firstSeen: string
  lastSeen: string
}

export interface PolicyEvent {
  readonly time: string
  readonly event: 'policy.loaded' | 'policy.rejected'
  readonly revision: string
  readonly text: string
}

/** What an audit log says, added up; bounded however long the log is. */
export interface AuditTotals {
  /** Counts of requests, summaries taken for what they stand for. */
  readonly denied: number
  readonly reported: number
  readonly allowed: number
  readonly from: string | undefined
  readonly until: string | undefined
  /** By count, most first. */
  readonly denials: readonly DenialSummary[]
  /** Denials of kinds too many or too rare to be listed. */
  readonly others: number
  readonly reasons: readonly (readonly [string, number])[]
  readonly routes: readonly (readonly [string, number])[]
  readonly drift: readonly DriftSummary[]
  readonly policies: readonly PolicyEvent[]
  /** Steps of equal length, oldest first. */
  readonly timeline: {
    readonly step: number
    readonly steps: readonly { start: number; denied: number; reported: number; allowed: number }[]
  }
  /** Records that are missing by their sequence numbers, or were dropped, per process. */
  readonly missing: number
  readonly processes: number
}

/** Denials of one origin on one route for one reason, as the audit log has them added up. */
export interface DenialEvidence {
  readonly origin: string | undefined
  readonly route: string | undefined
  readonly reason: string
  /** False in report mode: recorded, and passed on. */
  readonly enforced: boolean
  readonly hint: string | undefined
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly methods: ReadonlySet<string>
  readonly headers: ReadonlySet<string>
  readonly path: string
  readonly host: string
  readonly preflight: boolean
  readonly opened: boolean
}

/** An origin that was denied on a route, and everything the log has on it, whatever the reasons. */
export interface Candidate {
  readonly origin: string
  readonly route: string | undefined
  readonly reasons: ReadonlySet<string>
  /** True where it was blocked: nobody can have relied on it. */
  readonly enforced: boolean
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  /** True where a preflight came first: then no form or image can have made the request. */
  readonly preflight: boolean
  /** True where it opened a WebSocket. */
  readonly opened: boolean
  readonly hint: string | undefined
  readonly host: string
  readonly path: string
}

/** Denials that are no candidates because they were enforced. */
export interface BlockedSummary {
  readonly requests: number
  readonly origins: number
  readonly routes: readonly string[]
}

export interface Candidates {
  readonly candidates: readonly Candidate[]
  readonly blocked: BlockedSummary
}

/**
 * One candidate for each origin and route. What an enforcing route blocked is what it is there to block, so it is
 * only counted, unless `includeEnforced`.
 */
export function candidatesOf(denials: readonly DenialEvidence[], includeEnforced: boolean): Candidates {
  const named = denials.filter(({ origin }) => origin !== undefined)
  const blocked = includeEnforced ? [] : named.filter(({ enforced }) => enforced)
  const groups = new Map<string, DenialEvidence[]>()
  for (const row of named) {
    if (row.enforced && !includeEnforced) continue
    const key = `${row.origin}\u0000${row.route}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return {
    candidates: [...groups.values()].map(candidateOf),
    blocked: {
      requests: sum(blocked),
      origins: new Set(blocked.map(({ origin }) => origin)).size,
      routes: [...new Set(blocked.flatMap(({ route }) => route ?? []))].sort(),
    },
  }
}

function candidateOf(rows: readonly DenialEvidence[]): Candidate {
  const [first] = rows as [DenialEvidence, ...DenialEvidence[]]
  const last = rows.map(row => row.lastSeen).sort()
  return {
    origin: first.origin ?? '',
    route: first.route,
    host: first.host,
    path: first.path,
    enforced: rows.every(({ enforced }) => enforced),
    count: sum(rows),
    firstSeen: rows.map(row => row.firstSeen).sort()[0] ?? '',
    lastSeen: last.at(-1) ?? '',
    methods: [...new Set(rows.flatMap(row => [...row.methods]))].sort(),
    headers: [...new Set(rows.flatMap(row => [...row.headers]))].sort(),
    preflight: rows.some(row => row.preflight),
    opened: rows.some(row => row.opened),
    hint: rows.find(row => row.hint !== undefined)?.hint,
    reasons: new Set(rows.map(row => row.reason)),
  }
}

function sum(rows: readonly DenialEvidence[]): number {
  return rows.reduce((total, { count }) => total + count, 0)
}

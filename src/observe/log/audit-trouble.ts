/** How it stands with an audit log that cannot be written. */
export interface AuditTrouble {
  /** Since when, Unix milliseconds. */
  readonly since: number
  /** Of the error that began it, e.g. `ENOSPC`. */
  readonly code: string
  /** Records in memory that wait to be written. */
  readonly waiting: number
  /** Records given up since then, for which there was no room. */
  readonly dropped: number
}

/** The trouble of several processes that write the same log, as one; undefined where none has any. */
export function joinedTrouble(all: readonly (AuditTrouble | undefined)[]): AuditTrouble | undefined {
  return all.reduce((one, other) => {
    if (one === undefined || other === undefined) return one ?? other
    const { since, code } = one.since <= other.since ? one : other
    return { since, code, waiting: one.waiting + other.waiting, dropped: one.dropped + other.dropped }
  }, undefined)
}

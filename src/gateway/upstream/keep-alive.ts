/**
 * How long a connection may wait for its next request.
 *
 * @param announced how long the upstream says that it waits, in milliseconds, where it does
 * @returns milliseconds; 0 or less: not at all
 */
export function idleTime(announced: number | undefined): number {
  if (announced === undefined) return KEEP_ALIVE_TIMEOUT
  return Math.min(announced - KEEP_ALIVE_MARGIN, KEEP_ALIVE_MAX_TIMEOUT)
}

// Milliseconds. Idle connections close before upstreams do, who mostly wait 5 s or more: the only full answer to the
// race between our next request and their close.
const KEEP_ALIVE_TIMEOUT = 4_000
// Where the upstream says how long it waits: that long less what the way takes, and never for ever.
const KEEP_ALIVE_MARGIN = 2_000
const KEEP_ALIVE_MAX_TIMEOUT = 25_000

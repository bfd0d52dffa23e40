import type { ScanSeverity } from '../finding.js'
import type { SessionEffect } from '../observation.js'
import type { Readable } from '../readable.js'

/**
 * How bad it is that anyone can have an origin which is accepted. With credentials never less than high: that the
 * scan could not show an effect of the session does not mean that there is none.
 */
export function foreignSeverity(readable: Readable, session: SessionEffect): ScanSeverity {
  if (readable !== 'credentialed') return 'low'
  return session === 'proven' ? 'critical' : 'high'
}

/** The half sentence that goes with it. */
export function foreignReach(readable: Readable, session: SessionEffect): string {
  if (readable !== 'credentialed') return 'and can read this as anyone could, without the visitor’s cookies'
  if (session === 'proven')
    return 'and can read this as the signed-in visitor: the answer changes with the session'
  return 'and can read this with the visitor’s cookies'
}

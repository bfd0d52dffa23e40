/** How exchanges end that went as they should. */
const WELL: ReadonlySet<string> = new Set(['complete', 'upgraded'])

/** How they end because of what the client did: whoever may send requests may bring these about, so no alarm hangs on them. */
const BY_CLIENT: ReadonlySet<string> = new Set(['client-left', 'payload-too-large', 'request-timeout'])

/** Whose doing the end of an exchange is: nobody's, the client's, or the upstream's (and that of the way to it). */
export function blameFor(result: string): 'nobody' | 'client' | 'upstream' {
  if (WELL.has(result)) return 'nobody'
  return BY_CLIENT.has(result) ? 'client' : 'upstream'
}

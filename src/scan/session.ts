import type { Exchange } from './exchange.js'
import type { HeaderLine } from './header-line.js'
import type { SessionEffect } from './observation.js'

/** The user's own headers: sent with every request that a browser would send credentials with, and never shown. */
export interface Session {
  readonly headers: readonly HeaderLine[]
  /** What gives curl the same headers and shows none of their values, as a shell reads it: `-H '@session.txt'`. */
  readonly curlOptions: readonly string[]
}

/**
 * What the session changes about the answer. Two requests without it come first: an answer that differs by itself (a
 * time, a counter) proves nothing. Only what a browser attaches for a foreign page counts: cookies and HTTP
 * authentication; a bearer token is known to the page's own scripts alone.
 *
 * @param baseline the opening requests without Origin, in order: two without the session, then two with it
 */
export function sessionEffect(baseline: readonly Exchange[], session: readonly HeaderLine[]): SessionEffect {
  if (!session.some(isAmbient)) return 'unknown'
  const prints = baseline.map(({ answer }) => answer && `${answer.status} ${answer.bodyHash}`)
  const [anonymous, again, signedIn, signedInAgain] = prints
  if (anonymous === undefined || signedIn === undefined) return 'unknown'
  if (baseline[0]?.answer?.status !== baseline[2]?.answer?.status) return 'proven'
  if (anonymous !== again || signedIn !== signedInAgain) return 'unknown'
  return anonymous === signedIn ? 'none' : 'proven'
}

function isAmbient([name, value]: HeaderLine): boolean {
  const lower = name.toLowerCase()
  return lower === 'cookie' || (lower === 'authorization' && /^(?:basic|digest|negotiate)\s/i.test(value))
}

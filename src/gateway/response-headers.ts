import type { Decision } from '../cors/decision.js'
import { isCorsResponseHeader } from '../cors/header-name.js'
import { mergeVary } from '../cors/vary.js'
import { isHopByHop, nominatedByResponse } from '../http/hop-by-hop.js'

/** A response's header lines for the client, and which CORS headers the upstream had tried to send. */
export interface ClientHeaders {
  /** Name and value in turn, order and duplicates kept. */
  readonly headers: string[]
  /** Lower-case names, as often as they came. */
  readonly stripped: readonly string[]
  /** Its Access-Control-Allow-Origin, where it had one. */
  readonly claimed: string | undefined
}

/**
 * Turns the upstream's header lines into the client's: hop-by-hop ones go (RFC 9110 section 7.6.1), whatever it says
 * about CORS goes, and the decision's headers and Vary come last. In report mode only hop-by-hop lines go.
 *
 * @param lines name and value in turn, latin-1
 */
export function clientHeaders(decision: Decision, lines: readonly string[]): ClientHeaders {
  const nominated = nominatedByResponse(valuesOf(lines, 'connection'))
  const headers: string[] = []
  const stripped: string[] = []
  const vary: string[] = []
  let claimed: string | undefined

  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = lines[index] ?? ''
    const value = lines[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (isHopByHop(lower) || nominated.has(lower)) continue
    if (decision.enforced && isCorsResponseHeader(lower)) {
      stripped.push(lower)
      if (lower === 'access-control-allow-origin') claimed = value
    } else if (lower === 'vary') vary.push(value)
    else headers.push(name, value)
  }
  headers.push(...decision.headers)
  const merged = mergeVary(vary.join(', '), decision.vary)
  if (merged !== undefined) headers.push('Vary', merged)
  return { headers, stripped, claimed }
}

function valuesOf(lines: readonly string[], wanted: string): string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < lines.length; index += 2) {
    if (lines[index]?.length === wanted.length && lines[index]?.toLowerCase() === wanted)
      values.push(lines[index + 1] ?? '')
  }
  return values
}

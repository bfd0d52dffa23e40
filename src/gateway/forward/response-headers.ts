import type { Decision } from '../../cors/decision.js'
import { isCorsResponseHeader } from '../../cors/header-name.js'
import { mergeVary } from '../../cors/vary.js'
import { connectionFields, isHopByHop, nominatedByResponse } from '../../http/hop-by-hop.js'
import { remembered } from '../../http/remembered.js'

/** A response's header lines for the client, and what the upstream said about CORS. */
export interface ClientHeaders {
  /** Name and value in turn, order and duplicates kept. */
  readonly headers: string[]
  readonly said: UpstreamCors
}

/** What an upstream said about CORS: taken out where the decision is enforced, passed on in report mode. */
export interface UpstreamCors {
  /** Lower-case names, as often as they came. */
  readonly names: string[]
  /** Its Access-Control-Allow-Origin, where it had one. */
  allowOrigin?: string
  /** True where it granted credentials (Fetch: the value is `true`, byte for byte). */
  allowCredentials?: true
  /** Its Access-Control-Expose-Headers, lines joined. */
  exposeHeaders?: string
}

/**
 * Turns the upstream's header lines into the client's: hop-by-hop ones go (RFC 9110 section 7.6.1), whatever it says
 * about CORS goes, and the decision's headers and Vary come last. In report mode only hop-by-hop lines go.
 *
 * @param lines name and value in turn, latin-1
 */
export function clientHeaders(decision: Decision, lines: readonly string[]): ClientHeaders {
  const nominated = nominatedByResponse(connectionFields(lines))
  const headers: string[] = []
  const said: UpstreamCors = { names: [] }
  let vary: string | undefined

  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = lines[index]!
    const value = lines[index + 1]!
    const kind = kindOf(name)
    if (kind === 'hop-by-hop' || (nominated.size > 0 && nominated.has(name.toLowerCase()))) continue
    if (kind === 'cors') {
      note(said, name.toLowerCase(), value)
      if (!decision.enforced) headers.push(name, value)
    } else if (kind === 'vary') vary = vary === undefined ? value : `${vary}, ${value}`
    else headers.push(name, value)
  }
  for (const field of decision.headers) headers.push(field)
  const merged = mergeVary(vary, decision.vary)
  if (merged !== undefined) headers.push('Vary', merged)
  return { headers, said }
}

function note(said: UpstreamCors, name: string, value: string): void {
  said.names.push(name)
  if (name === 'access-control-allow-origin') said.allowOrigin = value
  else if (name === 'access-control-allow-credentials' && value === 'true') said.allowCredentials = true
  else if (name === 'access-control-expose-headers') {
    said.exposeHeaders = said.exposeHeaders === undefined ? value : `${said.exposeHeaders}, ${value}`
  }
}

const kindOf = remembered((name): 'hop-by-hop' | 'cors' | 'vary' | 'other' => {
  const lower = name.toLowerCase()
  if (isHopByHop(lower)) return 'hop-by-hop'
  if (isCorsResponseHeader(lower)) return 'cors'
  return lower === 'vary' ? 'vary' : 'other'
})

import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { evaluate, type PolicyRequest } from '../evaluate.js'
import type { Candidate } from './candidate.js'

/**
 * What the log holds of a candidate, asked again: the preflight where there was one, then the request.
 *
 * @param now Unix milliseconds
 */
export function passes(policy: CompiledPolicy, candidate: Candidate, now: number): boolean {
  const { origin, methods, headers, preflight } = candidate
  return methods.every(method => {
    const actual = replayed(candidate, { method, origin })
    const asked = {
      method: 'OPTIONS',
      origin,
      requestMethod: method,
      requestHeaders: headers.length === 0 ? undefined : headers.join(','),
    }
    const requests = preflight && method !== 'OPTIONS' ? [actual, replayed(candidate, asked)] : [actual]
    return requests.every(request => evaluate(policy, request, now).decision.outcome === 'allowed')
  })
}

function replayed(
  { host, path }: Candidate,
  facts: Pick<PolicyRequest, 'method' | 'origin'> & Partial<PolicyRequest>,
): PolicyRequest {
  return {
    target: path,
    host,
    scheme: 'https',
    requestMethod: undefined,
    requestHeaders: undefined,
    requestPrivateNetwork: undefined,
    secFetchSite: undefined,
    websocket: false,
    ...facts,
  }
}

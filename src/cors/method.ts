import { isToken } from '../syntax/token.js'

/** True for a method that `fetch` refuses to send (Fetch, "forbidden method"; compared without case). */
export function isForbiddenMethod(method: string): boolean {
  return FORBIDDEN.has(method.toUpperCase())
}

/** True for a method that a browser sends without asking first (Fetch, "CORS-safelisted method"). */
export function isSafelistedMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'POST'
}

/**
 * True for what a preflight may announce: one token that `fetch` could go on to send. The token `*` is refused
 * too: echoed, it would be read as the wildcard.
 */
export function isAskableMethod(method: string): boolean {
  return isToken(method) && method !== '*' && !isForbiddenMethod(method)
}

const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK'])

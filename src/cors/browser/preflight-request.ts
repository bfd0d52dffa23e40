import { isSafelistedRequestHeader } from './safelisted-request-header.js'

/**
 * What the preflight of a request announces (Fetch, "CORS-unsafe request-header names"): lower case, sorted, each once.
 */
export function announcedBy({
  method,
  headers,
}: {
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}): { readonly requestMethod: string; readonly requestHeaders: string | undefined } {
  const unsafe = headers.filter(([name, value]) => !isSafelistedRequestHeader(name, value))
  const names = [...new Set(unsafe.map(([name]) => name.toLowerCase()))].sort()
  return { requestMethod: method, requestHeaders: names.length === 0 ? undefined : names.join(',') }
}

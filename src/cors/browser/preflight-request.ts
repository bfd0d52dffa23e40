import { isForbiddenRequestHeader } from '../header-name.js'
import { isSafelistedRequestHeader } from './safelisted-request-header.js'

type Headers = readonly (readonly [name: string, value: string])[]

/** Those that a page may set, and must ask for first: browsers drop forbidden ones without a word. */
export function unsafeHeaders(headers: Headers): Headers {
  return headers.filter(
    ([name, value]) => !isForbiddenRequestHeader(name, value) && !isSafelistedRequestHeader(name, value),
  )
}

/**
 * What the preflight of a request announces (Fetch, "CORS-unsafe request-header names"): lower case, sorted, each once.
 */
export function announcedBy({ method, headers }: { readonly method: string; readonly headers: Headers }): {
  readonly requestMethod: string
  readonly requestHeaders: string | undefined
} {
  const names = [...new Set(unsafeHeaders(headers).map(([name]) => name.toLowerCase()))].sort()
  return { requestMethod: method, requestHeaders: names.length === 0 ? undefined : names.join(',') }
}

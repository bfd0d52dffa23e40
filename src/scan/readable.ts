import { type Answer, headerOf, listOf } from './exchange.js'

/** What a page may do with an answer: nothing, read it without the user's credentials, or with them. */
export type Readable = 'no' | 'anonymous' | 'credentialed'

/** Above 0 where a page may do more with `a` than with `b`. */
export function compareReadable(a: Readable, b: Readable): number {
  return RANK[a] - RANK[b]
}

/**
 * Fetch's CORS check on the bytes that came back: no case folding, no trimming, no reading of lists, because a
 * browser does none of these either. Severity follows from this and not from which headers are there.
 *
 * @param origin the serialised origin of the page
 * @see https://fetch.spec.whatwg.org/#concept-cors-check
 */
export function readable(answer: Answer, origin: string): Readable {
  const allowed = headerOf(answer, 'access-control-allow-origin')
  if (allowed === '*') return 'anonymous'
  if (allowed === undefined || allowed === '' || allowed !== origin) return 'no'
  return headerOf(answer, 'access-control-allow-credentials') === 'true' ? 'credentialed' : 'anonymous'
}

/** True where the answer names exactly this origin: it was accepted for itself, and not because all are. */
export function echoes(answer: Answer, origin: string): boolean {
  return origin !== '' && origin !== '*' && headerOf(answer, 'access-control-allow-origin') === origin
}

/**
 * What a page may send after this preflight (Fetch, "CORS-preflight fetch"): an ok status, the CORS check, the
 * method and every header. `*` counts for neither with credentials, and never for Authorization.
 *
 * @param names request headers, lower case, that are not safelisted
 */
export function preflightAllows(
  answer: Answer,
  origin: string,
  method: string,
  names: readonly string[],
): Readable {
  if (answer.status < 200 || answer.status > 299) return 'no'
  const read = readable(answer, origin)
  if (read === 'no') return 'no'
  if (read === 'credentialed' && covers(answer, method, names, true)) return 'credentialed'
  return covers(answer, method, names, false) ? 'anonymous' : 'no'
}

function covers(answer: Answer, method: string, names: readonly string[], credentials: boolean): boolean {
  const methods = listOf(answer, 'access-control-allow-methods')
  const headers = listOf(answer, 'access-control-allow-headers').map(name => name.toLowerCase())
  const wildcard = (list: readonly string[]): boolean => !credentials && list.includes('*')
  return (
    (SAFELISTED.has(method) || methods.includes(method) || wildcard(methods)) &&
    names.every(name => headers.includes(name) || (name !== 'authorization' && wildcard(headers)))
  )
}

const RANK = { no: 0, anonymous: 1, credentialed: 2 } as const
const SAFELISTED = new Set(['GET', 'HEAD', 'POST'])

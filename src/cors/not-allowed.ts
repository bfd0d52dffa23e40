import { allowsMethod } from './decide.js'
import type { Decision } from './decision.js'
import { parseHeaderNames } from './header-name.js'
import { allowsHeader } from './response-headers.js'

/** What a preflight announced and its rule does not allow, all of it; a decision has one reason, the first. */
export interface NotAllowed {
  readonly method: string | undefined
  /** Lower case, each once. */
  readonly headers: readonly string[]
}

/** Undefined where no rule judged the preflight, and where it allowed everything. */
export function notAllowedBy(
  { kind, reason, rule }: Decision,
  {
    requestMethod,
    requestHeaders,
  }: { readonly requestMethod: string | undefined; readonly requestHeaders: string | undefined },
): NotAllowed | undefined {
  if (kind !== 'preflight' || rule === undefined || requestMethod === undefined) return undefined
  if (reason !== 'method-not-allowed' && reason !== 'header-not-allowed') return undefined
  const names = parseHeaderNames(requestHeaders ?? '') ?? []
  return {
    method: allowsMethod(rule, requestMethod) ? undefined : requestMethod,
    headers: names.filter(name => !allowsHeader(rule, name)),
  }
}

/** In words: `the method PUT, the header x-a`. */
export function notAllowedText({ method, headers }: NotAllowed): string {
  return [
    ...(method === undefined ? [] : [`the method ${method}`]),
    ...headers.map(name => `the header ${name}`),
  ].join(', ')
}

import { parseOrigin } from './origin.js'
import { firstPatternError, type PatternError, patternError } from './pattern-error.js'
import { isPlainOrigin } from './plain-origin.js'

/** One entry of an allowlist, compiled from text. `any` and `null` stand alone; the others are tuples. */
export type OriginPattern =
  | { readonly kind: 'any' }
  | { readonly kind: 'null' }
  | { readonly kind: 'exact'; readonly text: string; readonly scheme: string; readonly host: string }
  | {
      readonly kind: 'wildcard'
      readonly scheme: string
      /** Without the leading `*.`. */
      readonly host: string
      /** True for `*.host`: one or more labels below, never the host itself. */
      readonly subdomains: boolean
      /** Digits, empty for the default port, or `*` for any. */
      readonly port: string
    }

export type PatternResult = { readonly pattern: OriginPattern } | { readonly error: PatternError }

/**
 * Reads one allowlist entry: a serialised origin, a leading `*.` in its host, `:*` as its port, or `*` or `null`
 * alone. What a browser would never send is refused with its own code, because an entry that can't match is an
 * outage and one that is "normalised" is a surprise.
 */
export function parseOriginPattern(text: string): PatternResult {
  if (text === '*') return { pattern: { kind: 'any' } }
  if (text === 'null') return { pattern: { kind: 'null' } }
  if (isPlainOrigin(text)) {
    const scheme = text.startsWith('https:') ? 'https' : 'http'
    return { pattern: { kind: 'exact', text, scheme, host: text.slice(scheme.length + 3) } }
  }
  const error = firstPatternError(text)
  if (error !== undefined) return { error: withTrueSpelling(error) }

  const { scheme, host, port } = cut(text)
  const subdomains = host.startsWith('*.')
  if (!subdomains && port !== '*') return { pattern: { kind: 'exact', text, scheme, host } }
  return { pattern: { kind: 'wildcard', scheme, host: subdomains ? host.slice(2) : host, subdomains, port } }
}

// A spelling may have the next mistake in it: `HTTPS://A.example/` is corrected to the end, or without a suggestion.
function withTrueSpelling({ code, message, spelling }: PatternError): PatternError {
  if (spelling === undefined) return { code, message }
  const result = parseOriginPattern(spelling)
  return patternError(code, message, 'pattern' in result ? spelling : result.error.spelling)
}

function cut(text: string): { scheme: string; host: string; port: string } {
  const exact = parseOrigin(text)
  if (exact !== undefined && !exact.host.includes('*')) return exact
  const [, scheme = '', host = '', port = ''] = /^([^:]+):\/\/(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? []
  return { scheme, host, port }
}

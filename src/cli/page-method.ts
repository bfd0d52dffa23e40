import { METHODS } from 'node:http'

/**
 * The method as a page's `fetch` sends it, and what to say where that is not what was written
 * (https://fetch.spec.whatwg.org/#concept-method-normalize).
 */
export function pageMethod(written: string): { readonly method: string; readonly notes: readonly string[] } {
  const upper = written.toUpperCase()
  if (upper === written || !METHODS.includes(upper)) return { method: written, notes: [] }
  if (NORMALISED.has(upper)) return { method: upper, notes: [`browsers send ${written} as ${upper}`] }
  return {
    method: written,
    notes: [
      `${written} is not ${upper}: methods are case-sensitive, and browsers put only ${[...NORMALISED].join(', ')} into upper case`,
    ],
  }
}

const NORMALISED: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])

import { METHODS } from 'node:http'
import { NORMALIZED_METHODS, normalizeMethod } from '../../cors/browser/normalize-method.js'
import { isForbiddenMethod } from '../../cors/method.js'

/** The method as a page's `fetch` sends it, and what to say where that is not what was written. */
export function pageMethod(written: string): { readonly method: string; readonly notes: readonly string[] } {
  const method = normalizeMethod(written)
  if (isForbiddenMethod(method)) return { method, notes: [`browsers do not let a script send ${method}`] }
  if (method !== written) return { method, notes: [`browsers send ${written} as ${method}`] }
  const upper = written.toUpperCase()
  if (upper === written || !METHODS.includes(upper)) return { method, notes: [] }
  const normalized = NORMALIZED_METHODS.join(', ')
  return {
    method,
    notes: [
      `${written} is not ${upper}: methods are case-sensitive, and browsers put only ${normalized} into upper case`,
    ],
  }
}

/**
 * A method as a browser sends it: six are written in upper case, others stay as the page has them
 * (https://fetch.spec.whatwg.org/#concept-method-normalize).
 */
export function normalizeMethod(method: string): string {
  const upper = method.toUpperCase()
  return NORMALIZED_METHODS.includes(upper) ? upper : method
}

export const NORMALIZED_METHODS: readonly string[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']

import type { ResolvedRoute } from '../resolved/resolved-policy.js'

/** Where a route's requests go, in words. */
export function upstreamText({ upstream, replacePrefix }: ResolvedRoute): string {
  const prefix = replacePrefix === undefined ? '' : ` with the prefix ${replacePrefix || '/'}`
  return `${upstream.origin}${upstream.basePath}${prefix}`
}

import type { Target } from '../http/target.js'
import type { CompiledRoute } from './compiled/compiled-policy.js'
import type { PolicyRequest } from './evaluate.js'

/** The path that goes upstream: the canonical one, under the upstream's base and the route's prefix. */
export function upstreamPath(route: CompiledRoute, target: Target): string {
  return route.upstream.basePath + replacedPrefix(route, target) + target.query
}

/** The Host that the upstream gets where it is not its own; a request without one has none to keep. */
export function preservedHost(
  { upstream }: CompiledRoute,
  { host }: Pick<PolicyRequest, 'host'>,
): string | undefined {
  return upstream.preserveHost && host !== '' ? host : undefined
}

function replacedPrefix(route: CompiledRoute, target: Target): string {
  if (route.replacePrefix === undefined) return target.path
  const matched = route.segments.length - 1
  const rest = target.segments.slice(matched)
  const path = rest.length === 0 ? route.replacePrefix : `${route.replacePrefix}/${rest.join('/')}`
  return path === '' ? '/' : path
}

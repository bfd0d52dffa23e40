import type { OriginPattern } from '../cors/origins/origin-pattern.js'
import type { CompiledPolicy, CompiledRoute } from '../policy/compiled/compiled-policy.js'
import { hostPatternText } from '../policy/resolved/host-pattern-text.js'
import { servesHost } from '../policy/routes/request-host.js'
import type { TrustedOrigin } from './probes/crafted-origins.js'
import { readTrustedOrigin } from './probes/trusted-origin.js'
import type { ScanTarget } from './target.js'

/**
 * The URLs to scan for a policy: the one given, or one per route of its host where only the server is given; the one
 * given, too, where no route has its host.
 */
export function routeTargets(
  target: ScanTarget,
  policy: CompiledPolicy,
  label: string,
): readonly ScanTarget[] {
  if (!isWholeServer(target)) return [target]
  const paths = routesOf(target, policy).map(route => samplePath(route, label))
  const distinct = [...new Set(paths.length === 0 ? [target.path] : paths)]
  return distinct.map(path => ({ ...target, path, url: `${target.origin}${path}` }))
}

/** Why a URL without a path stands for no route at all; undefined where it stands for some, or is a URL with a path. */
export function whyUnrouted(target: ScanTarget, policy: CompiledPolicy): string | undefined {
  if (!isWholeServer(target) || routesOf(target, policy).length > 0) return undefined
  const hosts = [...new Set(policy.routes.flatMap(route => route.hosts.map(hostPatternText)))]
  const more = hosts.length > MOST_HOSTS ? ` and ${hosts.length - MOST_HOSTS} more` : ''
  const listed = `${hosts.slice(0, MOST_HOSTS).join(', ')}${more}`
  return `no route of the policy has the host ${target.host}; its hosts: ${listed}. Scan by such a name; --resolve HOST:ADDRESS says where it is`
}

function isWholeServer({ path }: ScanTarget): boolean {
  return path === '/'
}

function routesOf({ host }: ScanTarget, { routes }: CompiledPolicy): readonly CompiledRoute[] {
  return routes.filter(route => servesHost(route, host))
}

/**
 * Origins that a route allows, so that it can be seen whether they really are: the first exact ones of each rule, and
 * one made for each pattern. The rest of a long list says nothing more about the server.
 */
export function allowedOrigins(route: CompiledRoute, label: string): readonly TrustedOrigin[] {
  const texts = route.cors.flatMap(rule =>
    rule.origins
      .flatMap(({ entries }) => [...entries].slice(0, SAMPLE))
      .slice(0, SAMPLE)
      .flatMap(({ pattern }) => sampleOrigin(pattern, label)),
  )
  return [...new Set(texts)].slice(0, SAMPLE).flatMap(text => {
    try {
      return [readTrustedOrigin(text)]
    } catch {
      return []
    }
  })
}

/** A path that the route holds: `*` stands for one made-up segment, `**` for nothing. */
function samplePath({ segments }: CompiledRoute, label: string): string {
  const parts = segments.flatMap(segment =>
    segment.kind === 'rest' ? [] : [segment.kind === 'one' ? label : segment.text],
  )
  return `/${parts.join('/')}`
}

function sampleOrigin(pattern: OriginPattern, label: string): readonly string[] {
  if (pattern.kind === 'exact') return [pattern.text]
  if (pattern.kind !== 'wildcard') return []
  const { scheme, subdomains, host, port } = pattern
  const at = port === '' ? '' : `:${port === '*' ? '8443' : port}`
  return [`${scheme}://${subdomains ? `${label}.` : ''}${host}${at}`]
}

const SAMPLE = 8
const MOST_HOSTS = 20

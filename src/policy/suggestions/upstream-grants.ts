import { findRule } from '../../cors/find-rule.js'
import { isForbiddenResponseHeader, isSafelistedResponseHeader } from '../../cors/header-name.js'
import type { UpstreamGrants } from '../../cors/upstream-grants.js'
import { isToken } from '../../syntax/token.js'
import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import type { ResolvedRule } from '../resolved/resolved-policy.js'
import type { Candidate } from './candidate.js'

/** What the log says of each route's upstream. */
export type RouteGrants = ReadonlyMap<string, UpstreamGrants>

/**
 * What shows that pages of an origin read nothing today: the upstream never named it, or never anybody. Undefined where
 * they do read, by an Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check) or a WebSocket, which
 * needs none; and where all was blocked, so that no upstream was asked.
 */
export function ungranted(
  { origin, enforced, opened }: Candidate,
  grants: UpstreamGrants | undefined,
): 'not-granted' | 'nobody-granted' | undefined {
  if (enforced || opened) return undefined
  if (grants === undefined || grants.allowedOrigins.size === 0) return 'nobody-granted'
  const { allowedOrigins } = grants
  return allowedOrigins.has(origin) || allowedOrigins.has('*') ? undefined : 'not-granted'
}

/** The header names that an upstream exposes and a rule can. */
export function exposableOf(grants: UpstreamGrants | undefined): readonly string[] {
  return [...(grants?.exposed ?? [])]
    .filter(
      name =>
        name !== '*' &&
        isToken(name) &&
        !isForbiddenResponseHeader(name) &&
        !isSafelistedResponseHeader(name),
    )
    .sort()
}

export function exposes(rule: ResolvedRule | undefined, name: string): boolean {
  return rule !== undefined && (rule.exposeAny || rule.exposeHeaders.includes(name))
}

/** What is to be known of routes in report mode before they are enforced: one sentence each. */
export function routeNotes(policy: CompiledPolicy, grants: RouteGrants, now: number): readonly string[] {
  return policy.routes.flatMap(route => {
    const granted = grants.get(route.id)
    if (route.corsPolicy.enforced || granted === undefined) return []
    return [
      ...openToAll(route, granted),
      ...lostHeaders(route, granted),
      ...lostCredentials(route, granted, now),
    ]
  })
}

function openToAll({ id }: CompiledRoute, { allowedOrigins }: UpstreamGrants): readonly string[] {
  if (!allowedOrigins.has('*')) return []
  return [
    `route ${id}: the upstream lets everybody read (Access-Control-Allow-Origin: *), strangers too: add only origins that you know`,
  ]
}

function lostHeaders(route: CompiledRoute, granted: UpstreamGrants): readonly string[] {
  return route.cors.flatMap((rule, index) => {
    const lost = exposableOf(granted).filter(name => !exposes(rule, name))
    if (lost.length === 0) return []
    return `route ${route.id}: the upstream exposes ${lost.join(', ')}, rule ${index} does not: its origins lose that when the route is enforced`
  })
}

function lostCredentials(route: CompiledRoute, granted: UpstreamGrants, now: number): readonly string[] {
  const lost = new Map<number, string[]>()
  for (const origin of granted.credentialsTo) {
    const { rule } = findRule(route.corsPolicy.rules, origin, now)
    if (rule === undefined || rule.credentials) continue
    lost.set(rule.index, [...(lost.get(rule.index) ?? []), origin])
  }
  return [...lost].map(
    ([index, origins]) =>
      `route ${route.id}: the upstream grants ${firstOf(origins)} credentials, rule ${index} does not: decide whether their pages need cookies before the route is enforced`,
  )
}

/** The first of some origins, and how many more there are. */
export function firstOf([first, ...more]: readonly string[]): string {
  return more.length === 0 ? `${first}` : `${first} and ${more.length} more`
}

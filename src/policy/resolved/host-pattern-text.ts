import type { HostPattern, ResolvedRoute } from './resolved-policy.js'

/** A host pattern as it is written. */
export function hostPatternText({ kind, name }: HostPattern): string {
  return kind === 'exact' ? name : `*.${name}`
}

/** The hosts of a route as they are written. */
export function hostsText({ hosts }: Pick<ResolvedRoute, 'hosts'>): string {
  return hosts.map(hostPatternText).join(', ') || 'any host'
}

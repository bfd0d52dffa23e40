import type { HostPattern } from '../resolved/resolved-policy.js'

/** The Host header as routes know it: without its port, lower case. */
export function hostName(host: string): string {
  const lower = host.toLowerCase()
  const colon = lower.lastIndexOf(':')
  return colon !== -1 && PORT.test(lower.slice(colon + 1)) ? lower.slice(0, colon) : lower
}

/**
 * Whether a route serves a host, as its table would find.
 *
 * @param host without port, lower case
 */
export function servesHost({ hosts }: { readonly hosts: readonly HostPattern[] }, host: string): boolean {
  return hosts.length === 0 || hosts.some(pattern => holdsHost(pattern, host))
}

/** Whether a host, without port and in lower case, is one that the pattern means. */
export function holdsHost({ kind, name }: HostPattern, host: string): boolean {
  return kind === 'exact' ? name === host : host.endsWith(`.${name}`)
}

const PORT = /^\d*$/

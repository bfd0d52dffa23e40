import { createRequire } from 'node:module'
import { tenantSuffixOf } from '../../attack/shared-hosting.js'
import { isLoopbackHost } from '../../cors/origins/host-kind.js'

/**
 * True where anyone can register a name directly below `host`, so that `*.host` would admit strangers: the public
 * suffix list with its private section (github.io, vercel.app), the services that it lacks, and its default rule, by
 * which every single label that the list does not know is a suffix too. Names under `localhost` are this machine's own.
 */
export function isPublicSuffix(host: string): boolean {
  if (isLoopbackHost(host)) return false
  return tenantSuffixOf(host) === host || suffixList().getPublicSuffix(host, OPTIONS) === host
}

/** What to call a host of which `isPublicSuffix` is true: not all of them are on the list of public suffixes. */
export function suffixNoun(host: string): string {
  return tenantSuffixOf(host) === host ? 'a suffix that strangers share' : 'a public suffix'
}

/** The service whose tenants have their names below this suffix, at or above `host`; undefined for a registry's. */
export function sharedSuffixOf(host: string): string | undefined {
  const { publicSuffix, isPrivate } = parseHost(host)
  return (isPrivate ? publicSuffix : undefined) ?? tenantSuffixOf(host)
}

/**
 * What the list knows of a host name: its public suffix, whether that is of the private section, and the registrable
 * domain; nothing of an IP address.
 */
export function parseHost(host: string): ReturnType<SuffixList['parse']> {
  return suffixList().parse(host, HOST)
}

/**
 * The library with the public suffix list. Its ten thousand names take as long to read as a tenth of all that the
 * gateway does to start, and a policy without a wildcard never asks: so they are read when first asked for.
 */
function suffixList(): SuffixList {
  list ??= createRequire(import.meta.url)('tldts') as SuffixList
  return list
}

type SuffixList = typeof import('tldts')
let list: SuffixList | undefined

// A host is known to be one by now, and an underscore in it must not turn the check off.
const HOST = { allowPrivateDomains: true, extractHostname: false, validateHostname: false }
const OPTIONS = { ...HOST, detectIp: false }

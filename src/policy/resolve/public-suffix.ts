import { getPublicSuffix } from 'tldts'
import { isLoopbackHost } from '../../cors/origin-pattern.js'

/**
 * True where anyone can register a name directly below `host`, so that `*.host` would admit strangers: the public
 * suffix list with its private section (github.io, vercel.app) and its default rule, by which every single label
 * that the list does not know is a suffix too. Names under `localhost` are this machine's own.
 */
export function isPublicSuffix(host: string): boolean {
  return !isLoopbackHost(host) && getPublicSuffix(host, OPTIONS) === host
}

// The host is already known to be a host name, and an underscore in it must not turn the check off.
const OPTIONS = {
  allowPrivateDomains: true,
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
}

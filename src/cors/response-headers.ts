import type { Rule } from './rule.js'

/** What a preflight asked for, already read: the method and the header names in lower case. */
export interface Asked {
  readonly method: string
  readonly headers: readonly string[]
  readonly privateNetwork: boolean
}

/** The CORS headers of an allowed response (Fetch, "HTTP responses"): name and value in turn. */
export function actualHeaders(rule: Rule, origin: string): readonly string[] {
  const headers = originHeaders(rule, origin)
  if (rule.exposeList !== undefined) headers.push(EXPOSE_HEADERS, rule.exposeList)
  if (rule.timing) headers.push(TIMING_ALLOW_ORIGIN, rule.anyOrigin ? '*' : origin)
  return headers
}

/**
 * The CORS headers of a preflight's answer: the rule's whole lists, so that a browser caches one answer for every
 * request that the rule allows. A wildcard rule names what was asked for and never a literal `*`, which some browsers
 * let cover Authorization.
 */
export function preflightHeaders(rule: Rule, origin: string, asked: Asked): readonly string[] {
  const headers = originHeaders(rule, origin)
  headers.push(ALLOW_METHODS, rule.methodList ?? asked.method)
  const names = rule.anyHeader ? allowedOf(rule, asked.headers) : rule.headerList
  if (names !== undefined) headers.push(ALLOW_HEADERS, names)
  if (rule.exposeList !== undefined) headers.push(EXPOSE_HEADERS, rule.exposeList)
  if (rule.maxAge !== undefined) headers.push(MAX_AGE, rule.maxAge)
  if (rule.privateNetwork && asked.privateNetwork) headers.push(ALLOW_PRIVATE_NETWORK, 'true')
  return headers
}

/** True where the rule lets a page set the request header; Authorization only by name (Fetch, "CORS non-wildcard request-header name"). */
export function allowsHeader(rule: Rule, name: string): boolean {
  return rule.headers.has(name) || (rule.anyHeader && name !== 'authorization' && name !== '*')
}

function allowedOf(rule: Rule, asked: readonly string[]): string | undefined {
  const names = asked.filter(name => allowsHeader(rule, name))
  return names.length === 0 ? undefined : names.join(', ')
}

function originHeaders(rule: Rule, origin: string): string[] {
  const headers = [ALLOW_ORIGIN, rule.anyOrigin ? '*' : origin]
  if (rule.credentials) headers.push(ALLOW_CREDENTIALS, 'true')
  return headers
}

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin'
const ALLOW_CREDENTIALS = 'Access-Control-Allow-Credentials'
const ALLOW_METHODS = 'Access-Control-Allow-Methods'
const ALLOW_HEADERS = 'Access-Control-Allow-Headers'
const EXPOSE_HEADERS = 'Access-Control-Expose-Headers'
const MAX_AGE = 'Access-Control-Max-Age'
const ALLOW_PRIVATE_NETWORK = 'Access-Control-Allow-Private-Network'
const TIMING_ALLOW_ORIGIN = 'Timing-Allow-Origin'

import { createHash } from 'node:crypto'
import type { ResolvedOrigin, ResolvedPolicy, ResolvedRoute, ResolvedRule } from './resolved-policy.js'

/**
 * The policy's identity: SHA-256, hex, over what it says and not over where it says so. The order of keys, sets,
 * upstreams and routes and the way they are spread over files make no difference, nor does a comment. Paths of TLS
 * files are absolute by now, so the directory of a policy that has some does.
 */
export function revisionOf(policy: ResolvedPolicy): string {
  const content = {
    upstreams: policy.upstreams,
    originSets: new Map(Array.from(policy.originSets, ([name, set]) => [name, entriesContent(set.entries)])),
    routes: [...policy.routes].sort((a, b) => (a.id < b.id ? -1 : 1)).map(routeContent),
    publicOrigins: [...policy.publicOrigins].sort(),
  }
  return createHash('sha256').update(JSON.stringify(content, canonical)).digest('hex')
}

function routeContent(route: ResolvedRoute): unknown {
  return { ...route, upstream: route.upstream.name, cors: route.cors.map(ruleContent) }
}

// Sets by name: one of 100,000 origins is hashed once, and not once for each of a thousand routes.
function ruleContent(rule: ResolvedRule): unknown {
  return { ...rule, origins: rule.origins.map(set => set.name ?? entriesContent(set.entries)) }
}

// A bare origin as its text, which halves the time that a long list takes.
function entriesContent(entries: readonly ResolvedOrigin[]): unknown {
  return entries.map(entry => (Object.keys(entry).length === BARE_ENTRY ? entry.text : entry))
}

function canonical(key: string, value: unknown): unknown {
  if (DERIVED.has(key)) return undefined
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Where something was written, and what another field says already. */
const DERIVED = new Set(['position', 'fields', 'pattern', 'segments'])

/** Fields of an entry without owner, reason and end: text, pattern, position. */
const BARE_ENTRY = 3

import { createHash, type Hash } from 'node:crypto'
import type { OriginEntries } from './origin-table.js'
import type { ResolvedPolicy, ResolvedRoute, ResolvedRule } from './resolved-policy.js'

/**
 * The policy's identity: SHA-256, hex, over what it says and not over where it says so. The order of keys, sets,
 * upstreams and routes and the way they are spread over files make no difference, nor does a comment, nor
 * the directory in which the policy lies: paths of TLS files count as they are written.
 */
export function revisionOf(policy: ResolvedPolicy): string {
  const text = new HashedText()
  const originSets = [...policy.originSets].sort(([a], [b]) => (a < b ? -1 : 1))
  // The keys of every object in order, as `canonical` has them.
  text.add('{"originSets":[')
  for (const [index, [name, { entries }]] of originSets.entries()) {
    text.add(`${index > 0 ? ',' : ''}[${JSON.stringify(name)},`)
    addEntries(entries, text)
    text.add(']')
  }
  text.add(`],"publicOrigins":${JSON.stringify([...policy.publicOrigins].sort())},"routes":[`)
  const routes = [...policy.routes].sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const [index, route] of routes.entries()) text.add(`${index > 0 ? ',' : ''}${routeText(route)}`)
  text.add(`],"upstreams":${JSON.stringify(policy.upstreams, canonical)}}`)
  return text.digest()
}

function routeText(route: ResolvedRoute): string {
  return JSON.stringify(
    { ...route, upstream: route.upstream.name, cors: route.cors.map(ruleContent) },
    canonical,
  )
}

// Sets by name: one of 100,000 origins is hashed once, and not once for each of a thousand routes.
function ruleContent(rule: ResolvedRule): unknown {
  return { ...rule, origins: rule.origins.map(({ name, entries }) => name ?? [...entryContents(entries)]) }
}

function addEntries(entries: OriginEntries, text: HashedText): void {
  text.add('[')
  let separator = ''
  for (const entry of entryContents(entries)) {
    // No character of an origin needs an escape.
    text.add(separator + (typeof entry === 'string' ? `"${entry}"` : JSON.stringify(entry, canonical)))
    separator = ','
  }
  text.add(']')
}

// A bare origin as its text, which halves the time that a long list takes.
function* entryContents(entries: OriginEntries): Iterable<unknown> {
  for (let index = 0; index < entries.length; index++) {
    yield entries.isBare(index) ? entries.textAt(index) : entries.at(index)
  }
}

function canonical(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return DERIVED.has(key) ? undefined : value
  if (DERIVED.has(key)) return undefined
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  if (Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Hashes in pieces of some size: one call for each origin would cost more than the hash. */
class HashedText {
  readonly #hash: Hash = createHash('sha256')
  #pending = ''

  add(text: string): void {
    this.#pending += text
    if (this.#pending.length < PIECE) return
    this.#hash.update(this.#pending)
    this.#pending = ''
  }

  digest(): string {
    return this.#hash.update(this.#pending).digest('hex')
  }
}

const PIECE = 65_536

/** Where something was written, and what another field says already. */
const DERIVED = new Set(['position', 'fields', 'pattern', 'segments'])

import type { Origin } from './origin.js'
import type { OriginPattern } from './origin-pattern.js'

/** An allowlist entry as the set needs it: its pattern and when it ends. */
export interface OriginEntry {
  /** As written in the policy. */
  readonly text: string
  readonly pattern: OriginPattern
  /** Unix milliseconds from which the entry no longer holds; undefined: for ever. */
  readonly expiresAt?: number | undefined
}

/** What a lookup found: an entry that holds the origin, or `expired` where only dead ones do, or nothing. */
export type OriginMatch = OriginEntry | 'expired' | undefined

/**
 * An allowlist compiled once. A lookup is one hash probe for the exact origin, then two per label of its host, so
 * its cost depends on the request and not on the list. Immutable.
 */
export interface OriginSet {
  /** Finds the entry that holds `origin` at `now` (Unix milliseconds). */
  match(origin: Origin, now: number): OriginMatch
  /** The entry that holds the opaque origin `null`, likewise. */
  matchNull(now: number): OriginMatch
  /** Entries, for near misses and `explain`. */
  readonly entries: readonly OriginEntry[]
  /** Exact and any-port entries by host, so that a near miss is a lookup too. */
  byHost(host: string): OriginEntry | undefined
}

export function compileOriginSet(entries: readonly OriginEntry[]): OriginSet {
  const index: Index = { exact: new Map(), wildcard: new Map(), hosts: new Map() }
  for (const entry of entries) addEntry(index, entry)

  return {
    entries,
    match: (origin, now) => matchOrigin(index, origin, now),
    matchNull: now => liveEntry(index.exact.get('null'), now),
    byHost: host => index.hosts.get(host),
  }
}

interface Index {
  readonly exact: Map<string, Slot>
  /** `scheme` + `:port`, then the host below which (`.host`) or at which (`host`) the entry holds. */
  readonly wildcard: Map<string, Map<string, Slot>>
  readonly hosts: Map<string, OriginEntry>
}

// Nearly every key has one entry; an array only where the same origin stands twice with different ends.
type Slot = OriginEntry | OriginEntry[]

function addEntry(index: Index, entry: OriginEntry): void {
  const { pattern } = entry
  if (pattern.kind === 'null') addTo(index.exact, 'null', entry)
  if (pattern.kind === 'exact') addTo(index.exact, pattern.text, entry)
  if (pattern.kind === 'wildcard') {
    const key = wildcardKey(pattern.scheme, pattern.port)
    const hosts = index.wildcard.get(key) ?? new Map<string, Slot>()
    index.wildcard.set(key, hosts)
    addTo(hosts, pattern.subdomains ? `.${pattern.host}` : pattern.host, entry)
  }
  if ('host' in pattern && !index.hosts.has(pattern.host)) index.hosts.set(pattern.host, entry)
}

function addTo(map: Map<string, Slot>, key: string, entry: OriginEntry): void {
  const present = map.get(key)
  if (present === undefined) map.set(key, entry)
  else map.set(key, [...(Array.isArray(present) ? present : [present]), entry])
}

function matchOrigin(index: Index, origin: Origin, now: number): OriginMatch {
  const exact = liveEntry(index.exact.get(origin.text), now)
  if (isEntry(exact) || index.wildcard.size === 0) return exact

  const onPort = matchHost(index.wildcard.get(wildcardKey(origin.scheme, origin.port)), origin.host, now)
  if (isEntry(onPort)) return onPort
  const onAny = matchHost(index.wildcard.get(wildcardKey(origin.scheme, '*')), origin.host, now)
  return isEntry(onAny) ? onAny : (exact ?? onPort ?? onAny)
}

function matchHost(hosts: Map<string, Slot> | undefined, host: string, now: number): OriginMatch {
  if (hosts === undefined) return undefined
  let found = liveEntry(hosts.get(host), now)
  if (isEntry(found) || !PLAIN_HOST.test(host)) return found

  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const below = liveEntry(hosts.get(host.slice(dot)), now)
    if (isEntry(below)) return below
    found ??= below
  }
  return found
}

/** True for an entry that is alive, as against `expired` and nothing. */
export function isEntry(match: OriginMatch): match is OriginEntry {
  return typeof match === 'object'
}

function liveEntry(slot: Slot | undefined, now: number): OriginMatch {
  if (slot === undefined) return undefined
  if (!Array.isArray(slot)) return isAlive(slot, now) ? slot : 'expired'
  return slot.find(entry => isAlive(entry, now)) ?? 'expired'
}

function isAlive(entry: OriginEntry, now: number): boolean {
  return entry.expiresAt === undefined || now < entry.expiresAt
}

function wildcardKey(scheme: string, port: string): string {
  return `${scheme}:${port}`
}

// What `*.` may stand for is letters, digits, hyphens and underscores: some browsers let a page have an origin like
// https://evil.example`.shop.example, and no name of ours looks like that.
const PLAIN_HOST = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

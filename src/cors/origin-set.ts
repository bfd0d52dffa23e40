import type { Origin } from './origin.js'
import type { OriginPattern } from './origin-pattern.js'
import { TextIndex } from './text-index.js'

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
 * An allowlist compiled once. A lookup is one probe for the exact origin, then two per label of its host, so its cost
 * depends on the request and not on the list. Immutable.
 */
export interface OriginSet {
  /** Finds the entry that holds `origin` at `now` (Unix milliseconds). */
  match(origin: Origin, now: number): OriginMatch
  /** The entry that holds the opaque origin `null`, likewise. */
  matchNull(now: number): OriginMatch
  /** Entries, for near misses and `explain`. */
  readonly entries: readonly OriginEntry[]
  /** A living entry for the host, or for the hosts below it, whatever its scheme and port: a near miss is a lookup too. */
  byHost(host: string, now: number): OriginEntry | undefined
}

export function compileOriginSet(entries: readonly OriginEntry[]): OriginSet {
  const exact = new Map<string, OriginEntry>()
  const wildcard = new Map<string, Map<string, OriginEntry>>()
  const hosts = new Map<string, OriginEntry>()
  for (const entry of entries) {
    const { pattern } = entry
    if (pattern.kind === 'null') keepLongest(exact, 'null', entry)
    if (pattern.kind === 'exact') keepLongest(exact, pattern.text, entry)
    if (pattern.kind === 'wildcard') {
      const key = wildcardKey(pattern.scheme, pattern.port)
      const below = wildcard.get(key) ?? new Map<string, OriginEntry>()
      wildcard.set(key, below)
      keepLongest(below, pattern.subdomains ? `.${pattern.host}` : pattern.host, entry)
    }
    if ('host' in pattern) keepLongest(hosts, pattern.host, entry)
  }
  const index: Index = {
    exact: new TextIndex(exact),
    wildcard: new Map([...wildcard].map(([key, below]) => [key, new TextIndex(below)])),
  }

  return {
    entries,
    match: (origin, now) => matchOrigin(index, origin, now),
    matchNull: now => liveEntry(index.exact.get('null'), now),
    byHost: (host, now) => {
      const match = liveEntry(hosts.get(host), now)
      return isEntry(match) ? match : undefined
    },
  }
}

interface Index {
  readonly exact: TextIndex<OriginEntry>
  /** `scheme` + `:port`, then the host below which (`.host`) or at which (`host`) the entry holds. */
  readonly wildcard: ReadonlyMap<string, TextIndex<OriginEntry>>
}

// Where the same text stands twice, it holds as long as one of the two does.
function keepLongest(map: Map<string, OriginEntry>, key: string, entry: OriginEntry): void {
  const present = map.get(key)
  if (present === undefined || endOf(present) < endOf(entry)) map.set(key, entry)
}

function matchOrigin(index: Index, origin: Origin, now: number): OriginMatch {
  const exact = liveEntry(index.exact.get(origin.text), now)
  if (isEntry(exact) || index.wildcard.size === 0) return exact

  const onPort = matchHost(index.wildcard.get(wildcardKey(origin.scheme, origin.port)), origin.host, now)
  if (isEntry(onPort)) return onPort
  const onAny = matchHost(index.wildcard.get(wildcardKey(origin.scheme, '*')), origin.host, now)
  return isEntry(onAny) ? onAny : (exact ?? onPort ?? onAny)
}

function matchHost(hosts: TextIndex<OriginEntry> | undefined, host: string, now: number): OriginMatch {
  if (hosts === undefined) return undefined
  let found = liveEntry(hosts.get(host), now)
  if (isEntry(found) || !PLAIN_HOST.test(host)) return found

  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const below = liveEntry(hosts.get(host, dot), now)
    if (isEntry(below)) return below
    found ??= below
  }
  return found
}

/** True for an entry that is alive, as against `expired` and nothing. */
export function isEntry(match: OriginMatch): match is OriginEntry {
  return typeof match === 'object'
}

function liveEntry(entry: OriginEntry | undefined, now: number): OriginMatch {
  return entry === undefined || now < endOf(entry) ? entry : 'expired'
}

function endOf(entry: OriginEntry): number {
  return entry.expiresAt ?? Number.POSITIVE_INFINITY
}

function wildcardKey(scheme: string, port: string): string {
  return `${scheme}:${port}`
}

// What `*.` may stand for is letters, digits, hyphens and underscores: some browsers let a page have an origin like
// https://evil.example`.shop.example, and no name of ours looks like that.
const PLAIN_HOST = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

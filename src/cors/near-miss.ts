import { findEntry } from './find-rule.js'
import { type Origin, parseOrigin } from './origins/origin.js'
import type { OriginEntry } from './origins/origin-list.js'
import type { OriginSet } from './origins/origin-set.js'

/** How a denied origin differs from one that is allowed: nearly always a typing mistake in the policy. */
export type NearMissKind =
  | 'other-scheme'
  | 'other-port'
  | 'missing-www'
  | 'extra-www'
  | 'upper-case'
  | 'trailing-slash'
  | 'trailing-dot'
  | 'default-port'
  | 'apex-of-wildcard'
  | 'other-route'

export interface NearMiss {
  readonly kind: NearMissKind
  /** The allowlist entry that would have held it, as written in the policy. For operators only: never in a response. */
  readonly entry: string
}

/**
 * Looks for the allowlist entry that a denied Origin header only just misses. A handful of lookups, whatever the
 * size of the list.
 *
 * @param sets the origin sets of the route
 * @param elsewhere sets of other routes; only the first few are tried
 */
export function nearMiss(
  header: string,
  sets: readonly OriginSet[],
  elsewhere: readonly OriginSet[],
  now: number,
): NearMiss | undefined {
  if (header.length > MAX_BYTES || header.split('.', MAX_LABELS + 1).length > MAX_LABELS) return undefined
  const respelled = misspelling(header, sets, now)
  if (respelled !== undefined) return respelled
  const origin = parseOrigin(header)
  if (origin === undefined) return undefined
  return differs(origin, sets, now) ?? onOtherRoute(header, elsewhere, now)
}

function misspelling(header: string, sets: readonly OriginSet[], now: number): NearMiss | undefined {
  for (const [kind, spelled] of respellings(header)) {
    const entry = spelled === header ? undefined : findEntry(sets, spelled, now)
    if (entry !== undefined) return { kind, entry: entry.text }
  }
  return undefined
}

function respellings(header: string): readonly [NearMissKind, string][] {
  return [
    ['upper-case', header.toLowerCase()],
    ['trailing-slash', header.replace(/\/$/, '')],
    ['trailing-dot', header.replace(/\.(?=(:\d{1,5})?$)/, '')],
    ['default-port', header.replace(/^(http:\/\/.*):80$|^(https:\/\/.*):443$/, '$1$2')],
  ]
}

function differs(origin: Origin, sets: readonly OriginSet[], now: number): NearMiss | undefined {
  const { scheme, host, port } = origin
  const suffix = port === '' ? '' : `:${port}`
  const candidates: readonly [NearMissKind, string][] = [
    ['other-scheme', `${scheme === 'https' ? 'http' : 'https'}://${host}${suffix}`],
    host.startsWith('www.')
      ? ['extra-www', `${scheme}://${host.slice(4)}${suffix}`]
      : ['missing-www', `${scheme}://www.${host}${suffix}`],
    ['other-port', `${scheme}://${host}`],
  ]
  for (const [kind, spelled] of candidates) {
    const entry = findEntry(sets, spelled, now)
    if (entry === undefined) continue
    // Below a wildcard there is a `www.` too, but what was missed is the wildcard's own name.
    return { kind: kind === 'missing-www' && isBelow(entry) ? 'apex-of-wildcard' : kind, entry: entry.text }
  }
  for (const set of sets) {
    const entry = set.byHost(host, now)
    if (entry !== undefined) return { kind: kindOnHost(entry, scheme), entry: entry.text }
  }
  return undefined
}

function kindOnHost(entry: OriginEntry, scheme: string): NearMissKind {
  if (isBelow(entry)) return 'apex-of-wildcard'
  return 'scheme' in entry.pattern && entry.pattern.scheme !== scheme ? 'other-scheme' : 'other-port'
}

function isBelow(entry: OriginEntry): boolean {
  return entry.pattern.kind === 'wildcard' && entry.pattern.subdomains
}

function onOtherRoute(header: string, elsewhere: readonly OriginSet[], now: number): NearMiss | undefined {
  const entry = findEntry(elsewhere.slice(0, MAX_SETS_ELSEWHERE), header, now)
  return entry && { kind: 'other-route', entry: entry.text }
}

// A denial must stay cheap in a policy of a thousand routes, each with a list of its own.
const MAX_SETS_ELSEWHERE = 32

// Each label is one more probe of each set. Nobody mistypes a host like this, and whoever floods us with them gets no
// more than the refusal.
const MAX_LABELS = 10
const MAX_BYTES = 300

import { parseOrigin } from '../../cors/origins/origin.js'
import type { OriginPattern } from '../../cors/origins/origin-pattern.js'
import type { ResolvedRule } from '../resolved/resolved-policy.js'
import { FRESH, FRESH_HOST } from '../routes/route-witness.js'
import { ANY_OTHER_ORIGIN } from './change.js'

/** An origin that stands for all those that no two entries tell apart. */
export interface OriginAtom {
  /** As people write it: an origin, a pattern, or `any other origin`. */
  readonly name: string
  /** The Origin header to ask with. */
  readonly origin: string
}

/**
 * Divides all origins by the entries of both policies, so that asking for one of each part is asking for all: every
 * exact entry is a part, every combination of wildcard host and port that an entry mentions is one, and the rest.
 */
export class OriginAtoms implements Iterable<OriginAtom> {
  readonly #exact = new Set<string>()
  /** By scheme. */
  readonly #wildcards = new Map<string, Wildcards>()

  constructor(rules: readonly ResolvedRule[]) {
    for (const set of new Set(rules.flatMap(({ origins }) => origins))) {
      for (const { text, pattern } of set.entries) {
        if (pattern.kind === 'exact' || pattern.kind === 'null') this.#exact.add(text)
        if (pattern.kind === 'wildcard') addWildcard(this.#wildcards, pattern)
      }
    }
  }

  /** How many there are; not quite so many where a combination is an exact entry, too. */
  get count(): number {
    const combinations = Array.from(this.#wildcards.values(), ({ hosts, ports }) => hosts.size * ports.size)
    return combinations.reduce((sum, count) => sum + count, this.#exact.size + 1)
  }

  *[Symbol.iterator](): Iterator<OriginAtom> {
    for (const text of this.#exact) yield { name: text, origin: text }
    for (const [scheme, { hosts, ports }] of this.#wildcards) {
      for (const [name, host] of hosts) {
        for (const port of ports) {
          const atom = wildcardAtom(scheme, name, host, port)
          if (!this.#exact.has(atom.name) && parseOrigin(atom.origin) !== undefined) yield atom
        }
      }
    }
    yield { name: ANY_OTHER_ORIGIN, origin: `https://${FRESH_HOST}` }
  }
}

interface Wildcards {
  /** The host to ask with, by the host as written. */
  readonly hosts: Map<string, string>
  /** Digits, empty for the default, `*` for one that nobody names. */
  readonly ports: Set<string>
}

function addWildcard(wildcards: Map<string, Wildcards>, pattern: OriginPattern & { kind: 'wildcard' }): void {
  const { scheme, host, subdomains, port } = pattern
  const known = wildcards.get(scheme) ?? { hosts: new Map<string, string>(), ports: new Set(['', '*']) }
  wildcards.set(scheme, known)
  if (subdomains) known.hosts.set(`*.${host}`, `${FRESH}.${host}`)
  else known.hosts.set(host, host)
  known.ports.add(port)
}

function wildcardAtom(scheme: string, name: string, host: string, port: string): OriginAtom {
  const suffix = port === '' ? '' : `:${port}`
  return {
    name: `${scheme}://${name}${suffix}`,
    origin: `${scheme}://${host}${port === '*' ? `:${FRESH_PORT}` : suffix}`,
  }
}

/** A port that no policy names. */
const FRESH_PORT = '64999'

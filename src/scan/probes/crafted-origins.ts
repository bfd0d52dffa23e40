import {
  type CraftedOrigin,
  craftOrigins,
  genericOrigins as genericPayloads,
} from '../../attack/crafted-origins.js'
import type { CraftedClass } from '../../attack/crafted-payloads.js'
import type { HostFacts } from '../target.js'
import type { Labels } from './probe.js'

/** A trusted origin to craft around: the scanned server's own, or one that its users know to be allowed. */
export interface TrustedOrigin extends HostFacts {
  readonly scheme: string
  readonly port: string
}

/** The Origins that a correct matcher refuses, given what it may trust. Pure: the same labels give the same list. */
export function craftedOrigins(trusted: TrustedOrigin, labels: Labels): readonly CraftedOrigin[] {
  const attacker = attackerOf(labels)
  // A page has a port of its own: names are tried without the trusted one's, its own spellings with it.
  const named = craftOrigins({ ...trusted, port: '' }, attacker).filter(each => !SPELLINGS.has(each.class))
  const spelled = craftOrigins(trusted, attacker).filter(
    each => SPELLINGS.has(each.class) || ENDS.has(each.class),
  )
  return [...named, ...spelled].filter(
    each => !ELSEWHERE.has(each.class) && (trusted.site !== undefined || !REGISTRABLE.has(each.class)),
  )
}

/** The Origins that are crafted around no name at all. */
export function genericOrigins(scheme: string, labels: Labels): readonly CraftedOrigin[] {
  return genericPayloads(scheme, attackerOf(labels))
}

/** Names that only someone with two entries can be made to accept: the beginning of one before the other. */
export function crossedOrigins(trusted: readonly TrustedOrigin[]): readonly CraftedOrigin[] {
  return trusted.flatMap(before =>
    trusted.flatMap(({ scheme, host, port }) => {
      const label = before.site?.split('.', 1)[0]
      if (label === undefined || before.host === host) return []
      return [
        { class: 'suffix' as const, origin: `${scheme}://${label}${host}${port === '' ? '' : `:${port}`}` },
      ]
    }),
  )
}

function attackerOf({ first }: Labels): string {
  return `${first}.com`
}

const SPELLINGS: ReadonlySet<CraftedClass> = new Set(['trailing-dot', 'malformed', 'open-start'])
// Tried both ways: what a matcher that looks at the end only, or folds case, is met by.
const ENDS: ReadonlySet<CraftedClass> = new Set(['suffix', 'subdomain', 'case'])
// The first two are the opening of every scan; the third is an own subdomain, as far as a server can tell.
const ELSEWHERE: ReadonlySet<CraftedClass> = new Set(['foreign', 'null', 'special-label'])
// Around a name of one label or an address, nobody can register anything.
const REGISTRABLE: ReadonlySet<CraftedClass> = new Set(['sibling', 'suffix', 'substring', 'other-tld', 'idn'])

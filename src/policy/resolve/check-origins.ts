import type { ProblemCode } from '../problems/problem-codes.js'
import type { ProblemList, Remedy } from '../problems/problem-list.js'
import { placeOf } from '../problems/source.js'
import type { ResolvedOrigin } from '../resolved/resolved-policy.js'
import type { HazardIndex, OriginHazards } from './origin-hazards.js'
import { suffixNoun } from './public-suffix.js'
import type { OriginReference } from './resolve-allow-origins.js'

/** What a rule says about itself, as far as it matters to its origins. */
export interface OriginTerms {
  readonly credentials: boolean
  readonly allowNull: boolean
  readonly allowInsecure: boolean
  readonly allowPublicSuffix: boolean
}

/** Holds what a rule admits against its terms. */
export function checkOrigins(
  references: readonly OriginReference[],
  terms: OriginTerms,
  hazardIndex: HazardIndex,
  problems: ProblemList,
): void {
  for (const reference of references) {
    const hazards = hazardIndex.of(reference.set)
    for (const hazard of HAZARDS) {
      const entries = hazards[hazard.kind]
      const code = entries.length === 0 ? undefined : hazard.codeUnder(terms)
      if (code !== undefined) reportHazard(code, hazard, reference, entries, problems)
    }
  }
}

/** Refuses what no switch can excuse in a set that no rule names. */
export function checkUnusedSet(hazards: OriginHazards, problems: ProblemList): void {
  for (const entry of hazards.publicSuffix) {
    const { sentence, remedy } = PUBLIC_SUFFIX
    problems.error('public-suffix-wildcard', entry.position, sentence(entry.text), remedy(entry))
  }
}

// An entry of a named set is shown where the rule names the set: there the terms are, and there a switch would go.
function reportHazard(
  code: ProblemCode,
  { sentence, remedy }: Hazard,
  { set, at }: OriginReference,
  entries: readonly ResolvedOrigin[],
  problems: ProblemList,
): void {
  if (set.name === undefined) {
    for (const entry of entries) problems.error(code, entry.position, sentence(entry.text), remedy(entry))
    return
  }
  const first = entries[0] as ResolvedOrigin
  const others = entries.length === 1 ? '' : ` and ${entries.length - 1} more like it`
  const message = `the set \`${set.name}\` holds \`${first.text}\`${others}: ${sentence(first.text)}`
  const { suggestion, replacement } = remedy(first)
  problems.error(code, at, message, {
    suggestion: suggestion && `${suggestion}, at ${placeOf(first.position)}`,
    replacement,
    replacementAt: first.position,
  })
}

interface Hazard {
  readonly kind: keyof OriginHazards
  /** The code under which a rule with these terms is refused; undefined where it is not. */
  readonly codeUnder: (terms: OriginTerms) => ProblemCode | undefined
  readonly sentence: (text: string) => string
  readonly remedy: (entry: ResolvedOrigin) => Remedy
}

const PUBLIC_SUFFIX: Hazard = {
  kind: 'publicSuffix',
  codeUnder: terms => (terms.allowPublicSuffix ? undefined : 'public-suffix-wildcard'),
  sentence: text => {
    const [host = ''] = text.slice(text.indexOf('*.') + 2).split(':')
    return `anyone can register a name below \`${host}\`, ${suffixNoun(host)}`
  },
  remedy: () => ({ suggestion: 'name the subdomains that are yours' }),
}

const HAZARDS: readonly Hazard[] = [
  {
    kind: 'everyone',
    codeUnder: terms => (terms.credentials ? 'any-origin-with-credentials' : undefined),
    sentence: () => '`*` with credentials would let every site act as its visitors',
    remedy: () => ({ suggestion: 'name the origins, or remove `allowCredentials`' }),
  },
  {
    kind: 'opaque',
    codeUnder: terms =>
      terms.credentials ? 'null-with-credentials' : terms.allowNull ? undefined : 'null-origin',
    sentence: () => '`null` is the origin of every sandboxed frame and every local file, so it names nobody',
    remedy: () => ({ suggestion: 'remove it, and serve the page that needs it from an origin of its own' }),
  },
  {
    kind: 'insecure',
    codeUnder: terms =>
      terms.credentials && !terms.allowInsecure ? 'insecure-origin-with-credentials' : undefined,
    sentence: text => `whoever is on the network path of \`${text}\` could use its visitors' credentials`,
    remedy: ({ text, pattern }) => {
      // Another port would be a guess: what listens on 8080 does not speak TLS.
      if ('port' in pattern ? pattern.port !== '' : /:\d+$/.test(text))
        return { suggestion: 'serve it over https' }
      const secure = text.replace('http:', 'https:')
      // An IPv6 address would need quotes in some places.
      return { suggestion: `use \`${secure}\``, replacement: secure.includes('[') ? undefined : secure }
    },
  },
  PUBLIC_SUFFIX,
]

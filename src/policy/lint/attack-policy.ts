import { type CraftedOrigin, craftOrigins, craftSome } from '../../attack/crafted-origins.js'
import { findEntry } from '../../cors/find-rule.js'
import type { OriginPattern } from '../../cors/origins/origin-pattern.js'
import type { OriginSet } from '../../cors/origins/origin-set.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { isPublicSuffix } from '../resolve/public-suffix.js'
import type { ResolvedOrigin, ResolvedOriginSet } from '../resolved/resolved-policy.js'
import { intends } from './intends.js'

/** What the attack on a policy came to. */
export interface AttackResult {
  /** How many origins were tried. */
  readonly tried: number
  readonly admissions: readonly Admission[]
}

/** A crafted origin that the compiled policy lets in. */
export interface Admission {
  readonly crafted: CraftedOrigin
  /** The entry that it was crafted to pass for. */
  readonly target: ResolvedOrigin
  /** The entry that let it in. */
  readonly by: ResolvedOrigin
  /** `unmeant`: no reading of the entry holds it. `shared-suffix`: the entry does hold it, and so anybody. */
  readonly why: 'unmeant' | 'shared-suffix'
}

/**
 * Attacks a policy with the scanner's own payloads: for every entry, the origins that a careless check would take
 * for it, put to the compiled sets as requests are. What it finds does not depend on `fullUpTo`, only on how many
 * origins it is found: every wildcard meets the stranger below it, and every variant meets many entries.
 *
 * @param now Unix milliseconds
 * @param fullUpTo up to so many entries, each meets every variant: about eighty origins; beyond, a few, others each time
 */
export function attackPolicy(policy: CompiledPolicy, now: number, fullUpTo = FULL_ATTACK): AttackResult {
  const admissions: Admission[] = []
  let tried = 0
  const sets = distinctSets(policy)
  const isLong = sets.reduce((sum, { set }) => sum + set.entries.length, 0) > fullUpTo
  for (const { set, compiled } of sets) {
    let index = 0
    for (const target of set.entries) {
      for (const crafted of craftFor(target.pattern, isLong ? index++ : undefined)) {
        tried++
        const by = findEntry([compiled], crafted.origin, now) as ResolvedOrigin | undefined
        const why = by && whyBad(by, crafted)
        if (by && why) admissions.push({ crafted, target, by, why })
      }
    }
  }
  return { tried, admissions }
}

function distinctSets(policy: CompiledPolicy): readonly SetPair[] {
  const pairs = new Map<ResolvedOriginSet, SetPair>()
  for (const route of policy.routes) {
    for (const [index, rule] of route.cors.entries()) {
      for (const [at, set] of rule.origins.entries()) {
        const compiled = route.corsPolicy.rules[index]?.origins[at]
        if (compiled !== undefined && !pairs.has(set)) pairs.set(set, { set, compiled })
      }
    }
  }
  return [...pairs.values()]
}

interface SetPair {
  readonly set: ResolvedOriginSet
  readonly compiled: OriginSet
}

function* craftFor(pattern: OriginPattern, turn: number | undefined): Iterable<CraftedOrigin> {
  if (pattern.kind === 'any' || pattern.kind === 'null') return
  const { scheme, host } = pattern
  const port = pattern.kind === 'wildcard' ? pattern.port : (PORT.exec(pattern.text)?.[1] ?? '')
  if (pattern.kind === 'wildcard' && pattern.subdomains) {
    // On a port that no narrower entry is likely to have: the wildcard itself is to let it in.
    const own = port === '*' ? ':6666' : port === '' ? '' : `:${port}`
    yield { class: 'subdomain', origin: `${scheme}://attacker.${host}${own}` }
  }
  const target = { scheme, host, port: port === '*' ? '' : port }
  yield* turn === undefined ? craftOrigins(target, ATTACKER) : craftSome(target, ATTACKER, turn)
}

function whyBad(by: ResolvedOrigin, { origin }: CraftedOrigin): Admission['why'] | undefined {
  if (!intends(by.text, origin)) return 'unmeant'
  const { pattern } = by
  const isShared = pattern.kind === 'wildcard' && pattern.subdomains && isPublicSuffix(pattern.host)
  return isShared ? 'shared-suffix' : undefined
}

const PORT = /:(\d+)$/
const ATTACKER = 'attacker.example'

const FULL_ATTACK = 2000

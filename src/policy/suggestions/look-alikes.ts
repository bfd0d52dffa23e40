import { SPECIAL_CHARACTERS } from '../../attack/special-characters.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { parseHost } from '../resolve/public-suffix.js'
import { eachOrigin } from '../resolved/origin-sets.js'

/**
 * Tells hosts that could be taken for one of a policy: what `cors/crafted-payloads.ts` makes, seen from the other end,
 * where nobody says which part is the attacker's, and what people misread. Names of an owner who is in the policy
 * already look like nobody else's.
 */
export class LookAlikes {
  readonly #policy: CompiledPolicy
  #known: Known | undefined

  constructor(policy: CompiledPolicy) {
    this.#policy = policy
  }

  /** What `host` does to look like which entry; undefined where it does not. */
  find(host: string): string | undefined {
    this.#known ??= knownOf(this.#policy)
    const { names, sites, labels, phrases, skeletons } = this.#known
    const { domain: site, domainWithoutSuffix: label } = parseHost(host)
    if (site === null || label === null || sites.has(site)) return undefined
    const held = heldName(host, names)
    if (held !== undefined) return `${held.where} ${held.name}`
    const whole = cutShort(host, names)
    if (whole !== undefined) return `${whole} cut short`
    const other = labels.get(label)
    if (other !== undefined) return `${other} under another ending`
    const spelled = heldPhrase(host, phrases)
    if (spelled !== undefined) return `has the words of ${spelled}`
    const same = skeletons.get(skeleton(site))
    if (same !== undefined) return `${same} with hyphens or look-alike letters and digits`
    const near = label.length < SHORT_LABEL ? undefined : oneEditAway(site, sites)
    return near === undefined ? undefined : `one letter from ${near}`
  }
}

interface Known {
  /** Hosts of entries, and their registrable domains. */
  readonly names: ReadonlySet<string>
  readonly sites: ReadonlySet<string>
  /** The registrable domain by its first label. */
  readonly labels: ReadonlyMap<string, string>
  /** The registrable domain by its words, and by those of its first label where that is long. */
  readonly phrases: ReadonlyMap<string, string>
  readonly skeletons: ReadonlyMap<string, string>
}

function knownOf(policy: CompiledPolicy): Known {
  const [names, sites] = [new Set<string>(), new Set<string>()]
  const [labels, skeletons] = [new Map<string, string>(), new Map<string, string>()]
  const phrases = new Map<string, string>()
  for (const { pattern } of eachOrigin(policy.resolved)) {
    if (pattern.kind === 'any' || pattern.kind === 'null') continue
    const host = pattern.host.replace(/:\d+$/, '')
    const { domain: site, domainWithoutSuffix: label } = parseHost(host)
    if (site === null || label === null) continue
    names.add(host).add(site)
    sites.add(site)
    labels.set(label, site)
    phrases.set(wordsOf(site).join(' '), site)
    if (label.length >= SHORT_NAME) phrases.set(wordsOf(label).join(' '), site)
    skeletons.set(skeleton(site), site)
  }
  return { names, sites, labels, phrases, skeletons }
}

/** A known name inside of another's host, where one of its ends is where a check that does not look closely stops. */
function heldName(host: string, names: ReadonlySet<string>): { name: string; where: string } | undefined {
  for (let start = 0; start < host.length; start++) {
    for (let end = host.length; end > start; end--) {
      const name = host.slice(start, end)
      if (name.length < SHORT_NAME || !names.has(name)) continue
      if (start === 0) return { name, where: 'begins with' }
      if (end === host.length) return { name, where: 'ends with' }
      if (isBoundary(host[start - 1]) || isBoundary(host[end])) return { name, where: 'contains' }
    }
  }
  return undefined
}

/** A known name between the dots and hyphens of another's host, whichever of the two stands where. */
function heldPhrase(host: string, phrases: ReadonlyMap<string, string>): string | undefined {
  const words = wordsOf(host)
  for (let start = 0; start < words.length; start++) {
    for (let end = words.length; end > start; end--) {
      const site = phrases.get(words.slice(start, end).join(' '))
      if (site !== undefined) return site
    }
  }
  return undefined
}

function wordsOf(host: string): readonly string[] {
  return host.split(/[.-]/)
}

function isBoundary(character: string | undefined): boolean {
  return character === '.' || SPECIAL_CHARACTERS.some(({ text }) => text === character)
}

/** Its own suffix may be another one then, so it is not enough to compare registrable domains. */
function cutShort(host: string, names: ReadonlySet<string>): string | undefined {
  for (const letter of LAST_LETTERS) if (names.has(host + letter)) return host + letter
  return undefined
}

function oneEditAway(site: string, sites: ReadonlySet<string>): string | undefined {
  for (const known of sites) {
    if (differInOne(site, known)) return known
  }
  for (let at = 1; at < site.length; at++) {
    const swapped = `${site.slice(0, at - 1)}${site[at]}${site[at - 1]}${site.slice(at + 1)}`
    if (sites.has(swapped)) return swapped
  }
  return undefined
}

// All but one letter is in what they begin and end with alike. Not the edit distance, which costs the product of the
// lengths: a log of many origins meets a policy of many.
function differInOne(a: string, b: string): boolean {
  const [shorter, longer] = [Math.min(a.length, b.length), Math.max(a.length, b.length)]
  if (longer - shorter > 1) return false
  let begin = 0
  while (begin < shorter && a[begin] === b[begin]) begin++
  let end = 0
  while (end < shorter - begin && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return begin + end >= longer - 1
}

/** Equal for names that people read as the same. */
function skeleton(site: string): string {
  return site
    .replace(/-/g, '')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/[0134578]/g, digit => LETTERS[digit] ?? digit)
    .replace(/i/g, 'l')
}

const LETTERS: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'l',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  8: 'b',
}

const LAST_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

// Of so short names, nearly all are one letter from another, and they stand in others by chance.
const SHORT_LABEL = 3
const SHORT_NAME = 6

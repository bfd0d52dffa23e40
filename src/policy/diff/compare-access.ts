import { createHash } from 'node:crypto'
import type { CompiledRoute } from '../compiled/compiled-policy.js'
import { lastDayOf } from '../resolved/last-day.js'
import type { ResolvedOriginSet, ResolvedRule } from '../resolved/resolved-policy.js'
import { type Access, AccessReader, surplus, type Universe, universeOf } from './access.js'
import { type AccessChange, ANY_OTHER_HEADER, ANY_OTHER_METHOD, type Change, NOT_COMPARED } from './change.js'
import type { Effort } from './effort.js'
import { OriginAtoms } from './origin-atoms.js'

/** A change of access, not yet said of a route. */
export type OriginChange = Omit<Change, 'from' | 'to' | 'where'>

/** Compares what origins may do on two routes; equal pairs of rule lists are compared once. */
export class AccessComparison {
  readonly #now: number
  readonly #effort: Effort
  readonly #known = new Map<string, readonly OriginChange[]>()
  readonly #keys = new Map<CompiledRoute | undefined, string>([[undefined, 'none']])
  readonly #setKeys = new Map<ResolvedOriginSet, string>()

  /** @param now Unix milliseconds */
  constructor(now: number, effort: Effort) {
    this.#now = now
    this.#effort = effort
  }

  compare(before: CompiledRoute | undefined, after: CompiledRoute | undefined): readonly OriginChange[] {
    const old = this.#keyOf(before)
    const now = this.#keyOf(after)
    if (old === now) return []
    const key = [before?.mode, old, after?.mode, now].join(' ')
    const changes = this.#known.get(key) ?? this.#compareAnew(before, after)
    this.#known.set(key, changes)
    return changes
  }

  #compareAnew(before: CompiledRoute | undefined, after: CompiledRoute | undefined): readonly OriginChange[] {
    const rules = [...(before?.cors ?? []), ...(after?.cors ?? [])]
    const entries = rules.flatMap(({ origins }) => origins).reduce((sum, set) => sum + set.entries.length, 0)
    if (!this.#effort.spend(entries)) return [UNCOMPARED]
    const universe = universeOf([before, after])
    const atoms = new OriginAtoms(rules)
    return this.#effort.spend(stepsOf(rules.length, atoms.count, universe))
      ? compareOrigins(before, after, atoms, universe, this.#now)
      : [UNCOMPARED]
  }

  #keyOf(route: CompiledRoute | undefined): string {
    const known = this.#keys.get(route)
    if (known !== undefined) return known
    const rules = route?.cors.map(({ position, fields, origins, ...rule }: ResolvedRule) => ({
      ...rule,
      origins: origins.map(set => this.#keyOfSet(set)),
    }))
    const hash = createHash('sha256').update(JSON.stringify([route?.websocket, rules]))
    const key = hash.digest('base64')
    this.#keys.set(route, key)
    return key
  }

  #keyOfSet(set: ResolvedOriginSet): string {
    const known = this.#setKeys.get(set)
    if (known !== undefined) return known
    const hash = createHash('sha256')
    for (const { text, expiresAt } of set.entries) hash.update(`${text} ${expiresAt ?? ''}\n`)
    const key = hash.digest('base64')
    this.#setKeys.set(set, key)
    return key
  }
}

interface Group {
  readonly before: { readonly access: Access; readonly until: number | undefined }
  readonly after: { readonly access: Access; readonly until: number | undefined }
  readonly origins: string[]
}

// Each origin is looked up in both lists of rules, and each method for each rule. A rule that is passed over costs little
// beside the rest.
function stepsOf(rules: number, atoms: number, { methods, headers }: Universe): number {
  return (atoms + rules * methods.length) * (1 + rules / 10) + rules * headers.length
}

function compareOrigins(
  before: CompiledRoute | undefined,
  after: CompiledRoute | undefined,
  atoms: OriginAtoms,
  universe: Universe,
  now: number,
): readonly OriginChange[] {
  const old = new AccessReader(before, universe, now)
  const current = new AccessReader(after, universe, now)
  const ids = new Map<Access, number>()
  const idOf = (access: Access): number => {
    const id = ids.get(access) ?? ids.size
    ids.set(access, id)
    return id
  }
  const groups = new Map<string, Group>()
  for (const { name, origin } of atoms) {
    const a = old.read(origin)
    const b = current.read(origin)
    const key = [idOf(a.access), a.until, idOf(b.access), b.until].join()
    const group = groups.get(key) ?? { before: a, after: b, origins: [] }
    groups.set(key, group)
    group.origins.push(name)
  }
  const compared = after?.mode === 'report' ? listingChanges : accessChanges
  return [...groups.values()].flatMap(group => compared(group, before?.mode))
}

/**
 * What changes where the new route only reports: what it would grant. Pages get what the upstream says, before and after;
 * that the route only reports is said of the route.
 */
function listingChanges({ before, after, origins }: Group): readonly OriginChange[] {
  const gained = surplus(after.access, before.access)
  const lost = surplus(before.access, after.access)
  const change = { direction: 'neutral', origins, note: 'nothing changes but what is recorded' } as const
  return [
    ...(gained
      ? [{ ...change, access: gained, what: `newly listed, in report mode only, for ${say(gained)}` }]
      : []),
    ...(lost
      ? [{ ...change, access: lost, what: `no longer listed, in report mode only, for ${say(lost)}` }]
      : []),
  ]
}

function accessChanges(
  { before, after, origins }: Group,
  modeBefore: CompiledRoute['mode'] | undefined,
): readonly OriginChange[] {
  const gained = surplus(after.access, before.access)
  const lost = surplus(before.access, after.access)
  const kept = before.access.maxAge
  const changes: OriginChange[] = []
  if (gained) {
    const until = after.until === undefined ? '' : `, until ${lastDayOf(after.until)}`
    changes.push({ direction: 'wider', origins, access: gained, what: `may now use ${say(gained)}${until}` })
  }
  if (lost) {
    changes.push({
      direction: 'narrower',
      origins,
      access: lost,
      what: `may no longer use ${say(lost)}`,
      ...(kept > 0 &&
        modeBefore === 'enforce' && {
          note: `browsers may go on as before for ${kept} s, as long as they keep a preflight's answer`,
        }),
    })
  }
  const isAllowed = before.access.methods.size > 0 && after.access.methods.size > 0
  if (isAllowed && before.until !== after.until) {
    const isLater = after.until === undefined || (before.until !== undefined && after.until > before.until)
    const what = `allowed ${after.until === undefined ? 'for ever' : `until ${lastDayOf(after.until)}`} instead of ${before.until === undefined ? 'for ever' : `until ${lastDayOf(before.until)}`}`
    changes.push({ direction: isLater ? 'wider' : 'narrower', origins, what })
  }
  if (isAllowed && modeBefore === 'enforce' && before.access.maxAge !== after.access.maxAge) {
    changes.push({
      direction: 'neutral',
      origins,
      what: `preflight answers are kept for ${after.access.maxAge} s instead of ${kept} s`,
    })
  }
  return changes
}

function say(access: AccessChange): string {
  const { methods, headers, exposed, credentials, privateNetwork, timing, websocket } = access
  // HEAD comes and goes with GET.
  const verbs = methods.filter(method => method !== 'HEAD' || !methods.includes('GET'))
  const shownMethods = [...verbs].sort(byName(ANY_OTHER_METHOD))
  const shownHeaders = [...headers].sort(byName(ANY_OTHER_HEADER))
  return [
    ...(shownMethods.length > 0 ? [shownMethods.join(', ')] : []),
    ...(shownHeaders.length > 0
      ? [`the request ${plural(headers, 'header')} ${shownHeaders.join(', ')}`]
      : []),
    ...(exposed.length > 0 ? [`the response ${plural(exposed, 'header')} ${exposed.join(', ')}`] : []),
    ...(credentials ? ['credentials'] : []),
    ...(privateNetwork ? ['private network access'] : []),
    ...(timing ? ['detailed timing'] : []),
    ...(websocket ? ['WebSockets'] : []),
  ].join('; ')
}

function plural(names: readonly string[], word: string): string {
  return names.length === 1 ? word : `${word}s`
}

function byName(last: string): (a: string, b: string) => number {
  return (a, b) => Number(a === last) - Number(b === last) || (a < b ? -1 : a > b ? 1 : 0)
}

const UNCOMPARED: OriginChange = {
  ...NOT_COMPARED,
  origins: [],
  what: 'has other rules than before, and what they open or close was not compared',
  note: `they have too many origins, hosts times ports, methods and headers to look at each; ${NOT_COMPARED.note}`,
}

import { isRedirect } from '../exchange.js'
import type { Suspicion } from '../finding.js'
import { type Observation, type WithOrigin, withOrigin } from '../observation.js'
import { ORIGIN_CLASSES, type OriginClass, originClassFacts } from '../probes/origin-class.js'
import { echoes, readable } from '../readable.js'
import { foreignReach, foreignSeverity } from './severity.js'

/**
 * The origins that the matcher accepts and should not. One cause is one finding: what a wider acceptance explains
 * is listed with it and not reported again.
 */
export function acceptedOrigins(observation: Observation): readonly Suspicion[] {
  const accepted = acceptedByClass(observation)
  const classes = [...accepted.keys()]
  const foreign = classes.filter(name => isSendable(accepted.get(name) ?? []) && isForeign(name))
  const found = classes.flatMap(name => {
    const exchanges = accepted.get(name) ?? []
    const facts = originClassFacts(name)
    if (facts.impliedBy.some(other => accepted.has(other))) return []
    if (CONFIRMED.has(name) && exchanges.length < 2) return [once(exchanges[0] as WithOrigin)]
    // Without credentials this is what `internal-readable` says.
    if (name === 'foreign' && observation.target.internal && !withCredentials(exchanges)) return []
    if (facts.held !== 'anyone') return foreign.length > 0 ? [] : lesser(name, exchanges)
    const others = classes.filter(other => other !== name && isExplained(other, name, foreign))
    return [foreignSuspicion(name, exchanges, others, observation)]
  })
  // The texts that no browser sends tell of one cause, too: that origins are read instead of compared.
  const [first, ...more] = found.filter(({ code }) => code === 'origin-unsendable')
  return found
    .filter(each => !more.includes(each))
    .map(each => (each === first ? withMore(each, more) : each))
}

/** Whether any arbitrary origin is accepted, both times: then there is no matcher to look into. */
export function acceptsAny(observation: Observation): boolean {
  const exchanges = withOrigin(observation, 'origin').filter(({ probe }) => probe.originClass === 'foreign')
  return exchanges.length > 1 && exchanges.every(({ answer, probe }) => echoes(answer, probe.origin))
}

function acceptedByClass(observation: Observation): ReadonlyMap<OriginClass, readonly WithOrigin[]> {
  const byClass = new Map<OriginClass, WithOrigin[]>()
  for (const exchange of withOrigin(observation, 'origin')) {
    const { answer, probe } = exchange
    if (probe.originClass === undefined || !echoes(answer, probe.origin)) continue
    const list = byClass.get(probe.originClass) ?? []
    byClass.set(probe.originClass, [...list, exchange])
  }
  const order = Object.keys(ORIGIN_CLASSES) as OriginClass[]
  return new Map(order.flatMap(name => (byClass.has(name) ? [[name, byClass.get(name) ?? []]] : [])))
}

function foreignSuspicion(
  name: OriginClass,
  exchanges: readonly WithOrigin[],
  others: readonly OriginClass[],
  { session }: Observation,
): Suspicion {
  const best = worst(exchanges)
  const read = readable(best.answer, best.probe.origin)
  const { code, says } = originClassFacts(name)
  const notes = [
    ...(CONFIRMED.has(name) ? ['confirmed with a second random origin'] : []),
    ...(isRedirect(best) ? ['a redirect, which no script reads itself: scan where it leads'] : []),
    ...(best.probe.browsers === undefined ? [] : [browsersNote(best.probe.browsers)]),
    ...(exchanges.length > 1 && !CONFIRMED.has(name) ? [`accepted in ${exchanges.length} forms`] : []),
    ...(others.length === 0
      ? []
      : [`also accepted: ${others.map(other => originClassFacts(other).says).join('; ')}`]),
  ]
  if (best.probe.browsers?.length === 0) {
    const message = `Accepts ${quote(best.probe.origin)}, ${says}; no browser sends it`
    return { code: 'origin-unsendable', severity: 'info', message, exchange: best, notes }
  }
  return {
    code,
    severity: foreignSeverity(read, session),
    message: `Accepts ${quote(best.probe.origin)}, ${says}: a page there is let in, ${foreignReach(read, session)}`,
    exchange: best,
    notes,
  }
}

/** Origins whose holders are no strangers: they matter with credentials only. */
function lesser(name: OriginClass, exchanges: readonly WithOrigin[]): readonly Suspicion[] {
  const { code, held, says } = originClassFacts(name)
  const exchange = worst(exchanges)
  const { answer, probe } = exchange
  const message = `Accepts ${quote(probe.origin)}, ${says}`
  if (held === 'nobody') {
    const notes = ['no browser sends it: not exploitable as it is']
    return [{ code, severity: 'info', message, exchange, notes }]
  }
  if (readable(answer, probe.origin) !== 'credentialed') return []
  const severity = held === 'own' && name !== 'port' ? 'medium' : 'low'
  return [{ code, severity, message: `${message}, with credentials`, exchange }]
}

function once(exchange: WithOrigin): Suspicion {
  return {
    code: 'origin-reflected',
    severity: 'low',
    message: `Accepted the random origin ${quote(exchange.probe.origin)} once, and another one not`,
    exchange,
    notes: [
      'not confirmed: scan again, and look for servers behind one name that are configured differently',
    ],
  }
}

function withMore(suspicion: Suspicion, more: readonly Suspicion[]): Suspicion {
  const { notes = [] } = suspicion
  return { ...suspicion, notes: [...notes, ...more.map(({ message }) => `also: ${message}`)] }
}

function isExplained(other: OriginClass, by: OriginClass, foreign: readonly OriginClass[]): boolean {
  const { impliedBy, held } = originClassFacts(other)
  return impliedBy.includes(by) || (held !== 'anyone' && foreign[0] === by)
}

function withCredentials(exchanges: readonly WithOrigin[]): boolean {
  return exchanges.some(({ answer, probe }) => readable(answer, probe.origin) === 'credentialed')
}

function isForeign(name: OriginClass): boolean {
  return originClassFacts(name).held === 'anyone'
}

function isSendable(exchanges: readonly WithOrigin[]): boolean {
  return exchanges.some(({ probe }) => probe.browsers?.length !== 0)
}

/** The exchange that shows most: sendable before not, with credentials before without. */
function worst(exchanges: readonly WithOrigin[]): WithOrigin {
  const score = ({ answer, probe }: WithOrigin): number =>
    (probe.browsers?.length === 0 ? 0 : 2 + (probe.browsers?.length ?? 9)) * 2 +
    (readable(answer, probe.origin) === 'credentialed' ? 1 : 0)
  return exchanges.reduce((best, next) => (score(next) > score(best) ? next : best))
}

function browsersNote(browsers: readonly string[]): string {
  return browsers.length === 0
    ? 'no browser sends it: not exploitable as it is'
    : `browsers that send it: ${browsers.join(', ')}`
}

function quote(origin: string): string {
  return `"${origin.length > 80 ? `${origin.slice(0, 80)}…` : origin}"`
}

// Sent twice, with two random names: once is no finding.
const CONFIRMED: ReadonlySet<OriginClass> = new Set(['foreign', 'other-scheme'])

import type { HeaderLine } from '../header-line.js'
import { hostFacts, type ScanTarget } from '../target.js'
import { type CraftedOrigin, craftedOrigins, genericOrigins, type TrustedOrigin } from './crafted-origins.js'
import { preflightProbes } from './preflights.js'
import type { Labels, Probe } from './probe.js'

/** What comes first: is anybody there, does the answer depend on the session, and is every origin accepted. */
export function openingProbes(target: ScanTarget, labels: Labels, session: boolean): readonly Probe[] {
  const anonymous: Probe = { kind: 'baseline', method: 'GET', at: 'url', headers: [], session: false }
  const withSession: Probe = { ...anonymous, session: true }
  return [
    anonymous,
    ...(session ? [anonymous, withSession, withSession] : []),
    ...arbitrary(target, labels).map(origin => originProbe({ originClass: 'arbitrary', origin })),
    originProbe({ originClass: 'null', origin: 'null' }),
  ]
}

/**
 * Everything else. Where any origin is accepted, crafted ones would only be accepted too, and are not sent.
 *
 * @param known origins that are meant to be allowed, to craft around and to look at the answer for
 */
export function remainingProbes(
  target: ScanTarget,
  labels: Labels,
  known: readonly TrustedOrigin[],
  anyAccepted: boolean,
): readonly Probe[] {
  const [first, second] = arbitrary(target, labels)
  const own: TrustedOrigin = { scheme: target.scheme, port: target.port, ...hostFacts(target.host) }
  const trusted = [own, ...known]
  const crafted = anyAccepted
    ? []
    : [...trusted.flatMap(each => craftedOrigins(each, labels)), ...genericOrigins(target.scheme, labels)]
  return [
    ...known.map(each => ({ ...get(serialised(each)), kind: 'known' as const })),
    ...distinct(crafted, new Set(trusted.map(serialised))).map(originProbe),
    ...(anyAccepted ? [] : [duplicate(target.origin, first)]),
    { ...get(first), kind: 'head', method: 'HEAD' },
    { ...get(first), kind: 'options', method: 'OPTIONS' },
    ...(['unknown-path', 'bad-path', 'slash-path'] as const).map(at => ({
      ...get(first),
      kind: 'elsewhere' as const,
      at,
    })),
    { ...get(first), kind: 'elsewhere', at: 'url', session: false },
    ...preflightProbes(first, labels),
    ...[first, second, undefined].map(origin => ({
      ...get(origin),
      kind: 'cache' as const,
      at: 'unique' as const,
      session: false,
    })),
    { ...get(first), kind: 'websocket' },
    { ...get(first), kind: 'websocket', session: false },
  ]
}

/** Two origins of one run that nobody can have registered or allowed. */
export function arbitrary({ scheme }: ScanTarget, { first, second }: Labels): readonly [string, string] {
  return [`${scheme}://${first}.com`, `${scheme}://${second}.com`]
}

function originProbe({ originClass, origin, browsers }: CraftedOrigin): Probe {
  return { ...get(origin), originClass, ...(browsers && { browsers }) }
}

function duplicate(own: string, foreign: string): Probe {
  const headers: readonly HeaderLine[] = [
    ['Origin', own],
    ['Origin', foreign],
  ]
  return { ...originProbe({ originClass: 'unsendable', origin: foreign, browsers: [] }), headers }
}

function get(origin: string | undefined): Probe {
  const base = { kind: 'origin', method: 'GET', at: 'url', session: true } as const
  return origin === undefined ? { ...base, headers: [] } : { ...base, headers: [['Origin', origin]], origin }
}

function serialised({ scheme, host, port }: TrustedOrigin): string {
  return `${scheme}://${host}${port === '' ? '' : `:${port}`}`
}

/** Without those that are trusted on purpose or already there. */
function distinct(crafted: readonly CraftedOrigin[], trusted: ReadonlySet<string>): readonly CraftedOrigin[] {
  const byOrigin = new Map<string, CraftedOrigin>()
  for (const each of crafted) {
    if (!trusted.has(each.origin) && !byOrigin.has(each.origin)) byOrigin.set(each.origin, each)
  }
  return [...byOrigin.values()]
}

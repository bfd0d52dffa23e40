import type { CraftedOrigin } from '../../attack/crafted-origins.js'
import type { HeaderLine } from '../header-line.js'
import { hostFacts, type ScanTarget } from '../target.js'
import { craftedOrigins, crossedOrigins, genericOrigins, type TrustedOrigin } from './crafted-origins.js'
import type { OriginClass } from './origin-class.js'
import { preflightProbes, unknownMethod } from './preflights.js'
import type { Labels, Probe } from './probe.js'

/** What comes first: is anybody there, does the answer depend on the session, and is every origin accepted. */
export function openingProbes(target: ScanTarget, labels: Labels, session: boolean): readonly Probe[] {
  const anonymous: Probe = { kind: 'baseline', method: 'GET', at: 'url', headers: [], session: false }
  const withSession: Probe = { ...anonymous, session: true }
  return [
    anonymous,
    ...(session ? [anonymous, withSession, withSession] : []),
    ...arbitrary(target, labels).map(origin => originProbe({ class: 'foreign', origin })),
    originProbe({ class: 'null', origin: 'null' }),
  ]
}

/**
 * Everything else, but for what `candidateProbes` brings up. Where any origin is accepted, crafted ones would only be
 * accepted too, and are not sent.
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
  const trusted = [ownOrigin(target), ...known]
  const otherScheme = target.scheme === 'https' ? 'http' : 'https'
  const crafted = anyAccepted
    ? []
    : [
        ...trusted.flatMap(each => craftedOrigins(each, labels)),
        ...crossedOrigins(known),
        ...genericOrigins(target.scheme, labels),
      ]
  return [
    ...known.map(each => ({ ...get(serialised(each)), kind: 'known' as const })),
    ...(anyAccepted
      ? []
      : arbitrary({ scheme: otherScheme }, labels).map(origin =>
          originProbe({ class: 'other-scheme', origin }),
        )),
    ...distinct(crafted, new Set(trusted.map(serialised))).map(originProbe),
    ...(anyAccepted ? [] : splitOrigins(target.origin, first)),
    { ...get(first), kind: 'head', method: 'HEAD' },
    { ...get(first), kind: 'options', method: 'OPTIONS' },
    ...PLACES.map(at => ({ ...get(first), kind: 'elsewhere' as const, at })),
    ...[unknownMethod(labels.first), UNSUPPORTED_METHOD].map(method => ({
      ...get(first),
      kind: 'elsewhere' as const,
      method,
      session: false,
    })),
    { ...get(first), kind: 'elsewhere', session: false },
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

/** The origins that an API's own front end is likely to have: which of them are allowed says what to craft around. */
export function candidateProbes(target: ScanTarget, known: readonly TrustedOrigin[]): readonly Probe[] {
  const { site, host } = ownOrigin(target)
  const names = site === undefined ? [host] : [host, site, `www.${site}`, `app.${site}`]
  const there = new Set(known.map(serialised))
  return [...new Set([target.origin, ...names.map(name => `${target.scheme}://${name}`)])]
    .filter(origin => !there.has(origin))
    .map(origin => ({ ...get(origin), kind: 'candidate' as const }))
}

/** What is crafted around origins that turned out to be allowed, without what was sent already. */
export function furtherProbes(
  found: readonly TrustedOrigin[],
  labels: Labels,
  sent: ReadonlySet<string>,
): readonly Probe[] {
  const crafted = found.flatMap(each => craftedOrigins(each, labels))
  return distinct([...crafted, ...crossedOrigins(found)], sent).map(originProbe)
}

/** The first request once more: a server that no longer answers it has begun to refuse the scan. */
export const CLOSING_PROBE: Probe = { kind: 'closing', method: 'GET', at: 'url', headers: [], session: false }

/** Two origins of one run that nobody can have registered or allowed. */
function arbitrary(
  { scheme }: Pick<ScanTarget, 'scheme'>,
  { first, second }: Labels,
): readonly [string, string] {
  return [`${scheme}://${first}.com`, `${scheme}://${second}.com`]
}

interface OriginPayload {
  readonly class: CraftedOrigin['class'] | 'other-scheme'
  readonly origin: string
  readonly browsers?: readonly string[]
}

function originProbe({ class: name, origin, browsers }: OriginPayload): Probe {
  return { ...get(origin), originClass: name as OriginClass, ...(browsers && { browsers }) }
}

/** One header in two lines, or folded (RFC 9112, section 5.2), or with a space before the colon: read differently by who reads. */
function splitOrigins(own: string, foreign: string): readonly Probe[] {
  const split = (origin: string, ...headers: readonly HeaderLine[]): Probe => ({
    ...originProbe({ class: 'malformed', origin, browsers: [] }),
    headers,
  })
  return [
    split(foreign, ['Origin', own], ['Origin', foreign]),
    split(foreign, ['Origin', foreign], ['Origin', own]),
    split(`${own} ${foreign}`, ['Origin', `${own}\r\n ${foreign}`]),
    split(foreign, ['Origin', `\r\n ${foreign}`]),
    split(foreign, ['Origin', own], ['Origin ', foreign]),
  ]
}

function ownOrigin({ scheme, port, host }: ScanTarget): TrustedOrigin {
  return { scheme, port, ...hostFacts(host) }
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

const PLACES = ['unknown-path', 'bad-path', 'bad-query', 'slash-path', 'double-slash-path'] as const

// Safe by definition (RFC 4918, section 9.1), known to HTTP parsers, and served by hardly any API.
const UNSUPPORTED_METHOD = 'PROPFIND'

import type { CompiledPolicy, CompiledRoute } from '../policy/compiled/compiled-policy.js'
import { placeOf } from '../policy/problems/source.js'
import { type ScanClient, TOO_LATE } from './client.js'
import { deviations, routeOf } from './deviations.js'
import type { Answer, Exchange } from './exchange.js'
import type { HeaderLine } from './header-line.js'
import { gradeHeaders, type HeaderGrade } from './headers/grade.js'
import { judge } from './judge.js'
import { type Answered, type Observation, withOrigin } from './observation.js'
import { allowedOrigins, whyUnrouted } from './policy-routes.js'
import type { TrustedOrigin } from './probes/crafted-origins.js'
import { originClassFacts } from './probes/origin-class.js'
import {
  CLOSING_PROBE,
  candidateProbes,
  furtherProbes,
  openingProbes,
  remainingProbes,
} from './probes/plan.js'
import { preflight } from './probes/preflights.js'
import type { Labels, Probe } from './probes/probe.js'
import { readTrustedOrigin } from './probes/trusted-origin.js'
import { redact, secretsOf, shown } from './proof.js'
import { echoes } from './readable.js'
import { acceptsAny } from './rules/accepted-origins.js'
import { sendProbe } from './send-probe.js'
import { type Session, sessionEffect } from './session.js'
import type { ScanTarget } from './target.js'
import type { TargetResult, TargetStatus } from './target-result.js'
import { writeUp } from './write-up.js'

export interface ScanOptions {
  readonly client: ScanClient
  readonly labels: Labels
  readonly session: Session
  /** Origins that are meant to be allowed. */
  readonly known: readonly TrustedOrigin[]
  readonly signal: AbortSignal
  /** Judge by this policy instead: report where reality deviates from it. */
  readonly policy?: CompiledPolicy
  /** Grade the security headers too. */
  readonly headers?: boolean
}

/** Scans one URL, one request after the other, and judges what came back. Never throws for what a server does. */
export async function scanTarget(target: ScanTarget, options: ScanOptions): Promise<TargetResult> {
  const start = performance.now()
  const result = await scan(target, options)
  return { ...result, milliseconds: Math.round(performance.now() - start) }
}

type Untimed = Omit<TargetResult, 'milliseconds'>

async function scan(target: ScanTarget, options: ScanOptions): Promise<Untimed> {
  const { policy, session, signal } = options
  const unrouted = policy && whyUnrouted(target, policy)
  if (unrouted !== undefined) return unsent(target, 'unrouted', unrouted)
  const now = Date.now()
  const route = policy && routeOf({ target }, policy, now)
  if (route !== undefined && !route.corsPolicy.enforced) return unsent(target, 'skipped', whySkipped(route))
  const intended = route === undefined ? [] : allowedOrigins(route, options.labels.second)
  const observed = await observe(target, { ...options, known: [...options.known, ...intended] })
  if ('error' in observed) return { ...observed, url: target.url, findings: [] }

  const { observation, requests, failed, late } = observed
  const suspicions = policy === undefined ? judge(observation) : deviations(observation, policy, now)
  const findings = suspicions.map(each =>
    writeUp(each, observation, session, policy && (route?.id ?? 'none')),
  )
  const [first] = observation.exchanges
  const grade =
    options.headers === true && first ? { headers: gradeOf(first.answer, target, session.headers) } : {}
  const problem = problemOf(observation, { requests, failed, late }, signal)
  const result = { url: target.url, findings, requests, ...grade }
  if (problem === undefined) return { status: 'scanned', ...result }
  return { status: signal.aborted ? 'interrupted' : 'incomplete', ...result, error: problem }
}

/** In report mode the answers are the upstream's, and the policy says nothing about them. */
function whySkipped({ id, fields, position }: CompiledRoute): string {
  return `route ${id} is in mode: report (${placeOf(fields.get('mode') ?? position)})`
}

function unsent({ url }: ScanTarget, status: TargetStatus, error: string): Untimed {
  return { url, status, findings: [], requests: 0, error }
}

/** A server may well set a cookie that is called as the session's secret is. */
function gradeOf(answer: Answer, { scheme }: ScanTarget, own: readonly HeaderLine[]): HeaderGrade {
  const secrets = secretsOf(own)
  // Before names are capped: a part of a secret is one, too.
  const headers = answer.headers.map(
    ([name, value]): HeaderLine =>
      /^set-cookie$/i.test(name) ? [name, redact(value, secrets)] : [name, value],
  )
  return gradeHeaders({ ...answer, headers }, scheme)
}

type Observed =
  | ({ readonly observation: Observation } & Tally)
  | {
      readonly status: 'unreachable' | 'refused' | 'interrupted'
      readonly error: string
      readonly requests: number
    }

interface Tally {
  readonly requests: number
  /** Not answered although any server should. */
  readonly failed: number
  /** Not answered in time. */
  readonly late: number
}

/** Sends the probes; what the rules judge. */
async function observe(target: ScanTarget, options: ScanOptions): Promise<Observed> {
  const { labels, session, known, signal } = options
  const exchanges: Exchange[] = []
  const late = () => exchanges.filter(({ failure }) => failure === TOO_LATE).length
  const send = async (probes: readonly Probe[]): Promise<void> => {
    for (const probe of probes) {
      if (signal.aborted || late() > MOST_LATE) return
      exchanges.push(await sendProbe(target, probe, options))
      // Nobody there: the other hundred would only wait as long.
      if (exchanges.length === 1 && exchanges[0]?.answer === undefined) return
    }
  }
  await send(openingProbes(target, labels, session.headers.length > 0))
  const [first] = exchanges
  if (first?.answer === undefined) {
    const refused = first?.refused === true
    const status = signal.aborted ? 'interrupted' : refused ? 'refused' : 'unreachable'
    return {
      status,
      error: shown(first?.failure ?? 'interrupted', secretsOf(session.headers)),
      requests: refused ? 0 : exchanges.length,
    }
  }
  const observation = (): Observation => ({
    target,
    exchanges: exchanges.filter((exchange): exchange is Answered => exchange.answer !== undefined),
    session: sessionEffect(
      exchanges.filter(({ probe }) => probe.kind === 'baseline'),
      session.headers,
    ),
    known: known.map(({ scheme, host, port }) => `${scheme}://${host}${port === '' ? '' : `:${port}`}`),
  })
  // Against a policy every origin is worth its own comparison.
  const anyAccepted = options.policy === undefined && acceptsAny(observation())
  await send(remainingProbes(target, labels, known, anyAccepted))
  if (!anyAccepted) {
    await send(candidateProbes(target, known))
    const found = foundOrigins(observation(), target)
    await send(furtherProbes(found, labels, new Set(exchanges.map(({ probe }) => probe.origin ?? ''))))
  }
  if (options.policy !== undefined) await send(observation().known.map(origin => preflight(origin, 'PUT')))
  await send([CLOSING_PROBE])
  const failed = exchanges.filter(({ answer, probe }) => answer === undefined && !isOdd(probe)).length
  return { observation: observation(), requests: exchanges.length, failed, late: late() }
}

/** The likely origins that are allowed, to craft around; not where any subdomain is, for then they are allowed as such. */
function foundOrigins(observation: Observation, { origin: own }: ScanTarget): readonly TrustedOrigin[] {
  const below = withOrigin(observation, 'origin').filter(({ probe }) => probe.originClass === 'subdomain')
  if (below.some(({ answer, probe }) => echoes(answer, probe.origin))) return []
  return withOrigin(observation, 'candidate')
    .filter(({ answer, probe }) => probe.origin !== own && echoes(answer, probe.origin))
    .map(({ probe }) => readTrustedOrigin(probe.origin))
}

/** A scan that saw too little must not pass for a clean one. */
function problemOf(
  { exchanges }: Observation,
  { requests, failed, late }: Tally,
  signal: AbortSignal,
): string | undefined {
  if (signal.aborted) return 'interrupted'
  if (late > MOST_LATE)
    return `${late} of ${requests} requests got no answer in time (--timeout): no more were sent`
  const first = exchanges[0]?.answer.status
  const limited = first === 429 ? 0 : exchanges.filter(({ answer }) => answer.status === 429).length
  if (limited > 0)
    return `${limited} of ${requests} requests were answered 429: scan again with a lower --rate`
  const last = exchanges.find(({ probe }) => probe.kind === 'closing')?.answer.status
  if (last === undefined || (last !== first && last >= 400))
    return `answered ${first} at first and ${last ?? 'nothing'} at the end: something refuses the scan; lower --rate, or let its User-Agent through`
  if (failed > requests / 10) return `${failed} of ${requests} requests were not answered`
  return undefined
}

/** Probes that a server may well cut off: over-long and malformed headers. */
function isOdd({ originClass, kind, method, asks, at }: Probe): boolean {
  return (
    (originClass !== undefined && originClassFacts(originClass).held === 'nobody') ||
    kind === 'websocket' ||
    at === 'bad-path' ||
    at === 'bad-query' ||
    !SUPPORTED.has(method) ||
    (asks?.names.length ?? 0) > 64
  )
}

/** Answers that did not come in time, after which no more are waited for: a tarpit is not worth half an hour. */
const MOST_LATE = 5
const SUPPORTED = new Set(['GET', 'HEAD', 'OPTIONS'])

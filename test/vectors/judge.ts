import type { AuditRecord } from '../helpers/gateway.js'
import type { RawResponse } from '../helpers/raw-client.js'
import type { Case, Sight } from './exchange.js'
import { corsCheck, preflightCheck } from './fetch-check.js'
import { headerFault } from './header-check.js'
import { routeId } from './policy-of.js'
import type { Arrival } from './upstream.js'
import { type Expectation, isPreflight, sent } from './vector.js'

/** Everything that is known of a case after it ran. */
export interface Outcome extends Sight {
  readonly one: Case
  /** Its requests as they reached the upstream. */
  readonly arrivals: readonly Arrival[]
  /** Its audit records. */
  readonly records: readonly AuditRecord[]
}

/** What of `expect` a case does not hold, one sentence each. */
export function judge(outcome: Outcome, expect: Expectation): string[] {
  const [answer] = outcome.answers
  const headers = Object.entries(expect.headers ?? {}).map(([name, expected]) =>
    headerFault(name, expected, answer?.headers ?? []),
  )
  return [
    ...headers,
    statusFault(answer, expect),
    allowedFault(outcome, expect),
    fetchFault(outcome, expect),
    consistencyFault(outcome, expect),
    forwardingFault(outcome, expect),
    routeFault(outcome, expect),
    expect.never101 && answer?.status === 101 && 'never101: the protocol was switched',
    expect.noInformationalCors && outcome.informational.some(hasCors) && 'noInformationalCors',
    expect.noTrailerCors && /access-control-/i.test(outcome.bytes) && 'noTrailerCors',
  ].filter(fault => typeof fault === 'string')
}

/** What the vectors only recommend and a case does not do. */
export function unheeded({ answers }: Outcome, { should = {} }: Expectation): string[] {
  return Object.entries(should)
    .map(([name, expected]) => headerFault(name, expected, answers[0]?.headers ?? []))
    .filter(fault => fault !== undefined)
}

/** Fetch's own verdict on a response to the case's request; undefined where Fetch has none. */
export function verdict(
  { one, answers }: Outcome,
  credentials: 'omit' | 'include',
): 'ok' | 'fail' | undefined {
  const origin = sent(one.request, 'origin')
  const [answer] = answers
  if (origin === undefined || answer === undefined) return undefined
  if (!isPreflight(one.request)) {
    return corsCheck({ origin, credentials }, answer.headers) ? 'ok' : 'fail'
  }
  const request = {
    origin,
    credentials,
    method: sent(one.request, 'access-control-request-method') ?? '',
    unsafeHeaders: listed(sent(one.request, 'access-control-request-headers') ?? ''),
  }
  return preflightCheck(request, answer.status, answer.headers) ? 'ok' : 'fail'
}

function statusFault(answer: RawResponse | undefined, expect: Expectation): string | undefined {
  const { statusClass = 'any', statusOneOf, emptyBody } = expect
  if (answer === undefined) {
    return statusClass.includes('close') ? undefined : `statusClass ${statusClass}: closed without an answer`
  }
  const allowed = STATUS[statusClass] ?? ((status: number) => status === Number(statusClass))
  if (!allowed(answer.status)) return `statusClass ${statusClass}: got ${answer.status}`
  if (statusOneOf && !statusOneOf.includes(answer.status)) return `statusOneOf: got ${answer.status}`
  return emptyBody && answer.body.length > 0 ? 'emptyBody: there is one' : undefined
}

// Bytes that are no HTTP never become a decision: then the parser's refusal stands for the denial.
function allowedFault({ records, answers }: Outcome, { allowed }: Expectation): string | undefined {
  if (allowed === null || allowed === undefined) return undefined
  const [record] = records
  const refused = record === undefined && (answers[0]?.status ?? 400) === 400
  const logged = refused ? 'denied' : record?.['outcome']
  const wanted = allowed ? 'allowed' : 'denied'
  return logged === wanted ? undefined : `allowed ${allowed}: logged ${logged} (${record?.['reason']})`
}

function fetchFault(outcome: Outcome, { fetch }: Expectation): string | undefined {
  const wrong = (['omit', 'include'] as const).filter(
    mode => fetch !== undefined && (verdict(outcome, mode) ?? 'fail') !== fetch[mode],
  )
  return wrong.length === 0 ? undefined : `fetch: ${wrong.join(' and ')} not ${JSON.stringify(fetch)}`
}

function consistencyFault(outcome: Outcome, { consistent }: Expectation): string | undefined {
  if (!consistent) return undefined
  const logged = outcome.records[0]?.['outcome'] === 'allowed' ? 'ok' : 'fail'
  return verdict(outcome, 'omit') === logged ? undefined : `consistent: logged ${logged}, Fetch disagrees`
}

function forwardingFault({ arrivals, records }: Outcome, expect: Expectation): string | undefined {
  const { forwarded = 'any', maxUpstreamRequests, noUpstreamPath, upstreamSees = {} } = expect
  const wanted = forwarded === 'decision' ? records[0]?.['outcome'] === 'allowed' : forwarded
  if (wanted !== 'any' && arrivals.length !== (wanted ? 1 : 0)) {
    return `forwarded ${forwarded}: ${arrivals.length} requests reached the upstream`
  }
  if (maxUpstreamRequests !== undefined && arrivals.length > maxUpstreamRequests) {
    return `maxUpstreamRequests ${maxUpstreamRequests}: ${arrivals.length} reached the upstream`
  }
  const smuggled = arrivals.find(({ path }) => noUpstreamPath && path.startsWith(noUpstreamPath))
  if (smuggled !== undefined) return `noUpstreamPath: ${smuggled.path} reached the upstream`
  const unseen = Object.entries(upstreamSees).find(([name, value]) => arrivals[0]?.headers[name] !== value)
  return unseen && `upstreamSees ${unseen}: it saw ${arrivals[0]?.headers[unseen[0]]}`
}

// "/private or 4xx", "/private or 4xx or no CORS headers", "not /public: no CORS headers".
function routeFault({ one, answers, records, arrivals }: Outcome, expect: Expectation): string | undefined {
  const { routePolicy } = expect
  const [answer] = answers
  if (routePolicy === undefined || answer === undefined) return undefined
  const path = /\/\w+/.exec(routePolicy)?.[0] ?? ''
  const decided = records[0]?.['route'] === routeId(one.vector, path)
  const strays = arrivals.some(arrival => arrival.path.startsWith(`${path}/`) !== decided)
  const holds = routePolicy.startsWith('not')
    ? !decided && !hasCors(answer)
    : decided || is4xx(answer.status) || (routePolicy.endsWith('no CORS headers') && !hasCors(answer))
  return holds && !strays ? undefined : `routePolicy ${routePolicy}: ${records[0]?.['route']} decided`
}

function hasCors({ headers }: RawResponse): boolean {
  return headers.some(([name]) => name.toLowerCase().startsWith('access-control-'))
}

function listed(value: string): string[] {
  return value
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
}

function is4xx(status: number): boolean {
  return status >= 400 && status < 500
}

function is2xx(status: number): boolean {
  return status >= 200 && status < 300
}

const STATUS: Readonly<Record<string, ((status: number) => boolean) | undefined>> = {
  any: () => true,
  'any-non-5xx': status => status < 500,
  '2xx': is2xx,
  '4xx': is4xx,
  '5xx': status => status >= 500,
  '2xx-or-4xx': status => is2xx(status) || is4xx(status),
  '4xx-or-close': is4xx,
  '101-or-4xx': status => status === 101 || is4xx(status),
  '4xx-or-5xx-or-close': status => status >= 400,
}

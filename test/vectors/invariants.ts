import type { RawResponse } from '../helpers/raw-client.js'
import { type Outcome, verdict } from './judge.js'
import { CANARY } from './upstream.js'
import { isPreflight, sent, type VectorUpstream } from './vector.js'

/** What of the vectors' `meta.invariants` does not hold in a case, whatever the vector itself expects. */
export function brokenInvariants(outcome: Outcome): string[] {
  return [
    outcome.problem,
    ...outcome.answers.flatMap((answer, index) => responseFaults(outcome, answer, index)),
    outcome.bytes.includes(CANARY) && 'a CORS header of the upstream reaches the client',
    varyFault(outcome),
    isPreflight(outcome.one.request) && outcome.arrivals.length > 0 && 'a preflight reaches the upstream',
    pipelineFault(outcome),
    recordFault(outcome),
    decisionFault(outcome),
  ].filter(fault => typeof fault === 'string')
}

function responseFaults({ one }: Outcome, answer: RawResponse, index: number): (string | false)[] {
  const origins = answer.all('access-control-allow-origin')
  const credentials = answer.all('access-control-allow-credentials')
  const received = new Set(['*', originsOf(one.request)[index]])
  const once = [origins, credentials, answer.all('access-control-max-age')].every(lines => lines.length < 2)
  return [
    origins.includes('*') && credentials.includes('true') && '* goes with credentials',
    !answer.complete && `${answer.status} is cut`,
    !once && 'a CORS header has two lines',
    !origins.every(origin => received.has(origin)) && `Access-Control-Allow-Origin: ${origins}`,
    !credentials.every(value => value === 'true') && `Access-Control-Allow-Credentials: ${credentials}`,
    answer.status >= 500 && !failing(one.vector.upstream) && `${answer.status} for the request's bytes`,
  ]
}

// Every answer of a route whose Access-Control-Allow-Origin can depend on Origin; not 101, which nobody caches, and not
// the parser's, which is no route's.
function varyFault({ one, answers, records }: Outcome): string | undefined {
  const { policy } = one.vector
  const [origin] = (policy['origins'] as string[] | undefined) ?? []
  const varying = records.every(({ route }) => route !== undefined) && origin !== '*' && !policy.routes
  if (!varying || records.length === 0) return undefined
  const bare = answers.find(
    answer => answer.status !== 101 && !isUnread(answer) && !/\borigin\b|\*/i.test(vary(answer)),
  )
  return bare && `${bare.status} without Vary: Origin`
}

function vary(answer: RawResponse): string {
  // `X-Origin-Hint` is not Origin.
  return answer
    .all('vary')
    .join(',')
    .replace(/[\w-]*-[\w-]*/g, '')
}

// As many answers as requests were sent, one behind the other: more would answer what was hidden in one of them.
function pipelineFault({ one, answers }: Outcome): string | undefined {
  const { maxUpstreamRequests = 1 } = one.expect
  const most = Math.max(1, maxUpstreamRequests)
  if (answers.length > most) return `${answers.length} answers to ${most} requests`
  if (most === 1) return undefined
  const listed = one.vector.policy['origins'] as string[]
  const wrong = originsOf(one.request).findIndex(
    (origin, index) =>
      answers[index]?.all('access-control-allow-origin').includes(origin) !== listed.includes(origin),
  )
  return wrong === -1 ? undefined : `answer ${wrong} is not the one to its own request`
}

// What the parser refuses never was a request: it has no route, and no record.
function recordFault({ answers, records }: Outcome): string | undefined {
  const requests = records.length === 0 ? answers.filter(answer => !isUnread(answer)).length : answers.length
  if (records.length !== requests) return `${records.length} audit records of ${requests} requests`
  const texts = records.flatMap(record => Object.values(record)).filter(value => typeof value === 'string')
  const bad = texts.find(text => !/^[\x20-\x7e]{0,520}$/.test(text))
  return bad && `audit record with ${JSON.stringify(bad)}`
}

function isUnread(answer: RawResponse): boolean {
  return (answer.status === 400 || answer.status === 431) && answer.body.length === 0
}

// The log says what the browser will find: no page reads what is logged as denied, and the other way round.
function decisionFault(outcome: Outcome): string | undefined {
  const [record] = outcome.records
  const judged = record?.['kind'] === 'preflight' || record?.['kind'] === 'actual'
  const found = verdict(outcome, 'omit')
  if (!judged || found === undefined || record['reason'] === 'same-origin') return undefined
  const logged = record['outcome'] === 'allowed' ? 'ok' : 'fail'
  return found === logged ? undefined : `logged ${record['outcome']}, but Fetch finds ${found}`
}

function originsOf(request: Outcome['one']['request']): string[] {
  if (request.raw === undefined) return [sent(request, 'origin') ?? '*']
  return [...request.raw.matchAll(/\norigin:[ \t]*([^\r\n]*)/gi)].map(match => match[1] ?? '')
}

function failing(upstream: VectorUpstream = {}): boolean {
  return (
    upstream.down === true ||
    upstream.hang === true ||
    upstream.raw !== undefined ||
    (upstream.status ?? 200) >= 500
  )
}

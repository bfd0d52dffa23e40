import { METHODS } from 'node:http'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import { type Evaluation, evaluate } from '../policy/evaluate.js'
import { type Answer, listOf } from './exchange.js'
import type { Suspicion } from './finding.js'
import type { HeaderLine } from './header-line.js'
import type { Observation, WithOrigin } from './observation.js'
import { needsRaw } from './raw-exchange.js'
import { compareReadable, preflightAllows, type Readable, readable } from './readable.js'

/**
 * Where what was seen differs from what the policy intends: its own evaluation says what a browser should be able to
 * do with each of the same requests, and that is compared with what it could do. Findings are one per kind, with the
 * worst exchange.
 *
 * @param now Unix milliseconds
 */
export function deviations(
  observation: Observation,
  policy: CompiledPolicy,
  now: number,
): readonly Suspicion[] {
  const compared = observation.exchanges
    .filter(
      (exchange): exchange is WithOrigin =>
        // Neighbours of the URL are for other routes to say.
        exchange.probe.at === 'url' &&
        COMPARED.has(exchange.probe.kind) &&
        exchange.probe.origin !== undefined &&
        // Bytes that no HTTP parser lets through are refused before there is a request to decide.
        !needsRaw(exchange.sent.headers) &&
        METHODS.includes(exchange.sent.method),
    )
    .map(exchange => compare(exchange, observation, policy, now))
  return [...wider(compared), ...narrower(compared), ...vary(compared)]
}

/** The route that the policy has for a URL. */
export function routeOf({ target }: Pick<Observation, 'target'>, policy: CompiledPolicy, now: number) {
  return evaluate(policy, factsOf(target, { method: 'GET', headers: [] }), now).route
}

interface Compared {
  readonly exchange: WithOrigin
  readonly evaluation: Evaluation
  readonly intended: Readable
  readonly actual: Readable
}

function compare(
  exchange: WithOrigin,
  { target }: Observation,
  policy: CompiledPolicy,
  now: number,
): Compared {
  const evaluation = evaluate(policy, factsOf(target, exchange.sent), now)
  const { answer, probe } = exchange
  const reads = (each: Answer): Readable =>
    probe.asks === undefined
      ? readable(each, probe.origin)
      : preflightAllows(each, probe.origin, probe.asks.method, probe.asks.names)
  return { exchange, evaluation, intended: reads(intendedAnswer(evaluation)), actual: reads(answer) }
}

/** What the gateway would answer, as far as CORS goes. */
function intendedAnswer({ decision }: Evaluation): Answer {
  const headers: HeaderLine[] = []
  for (let at = 0; at < decision.headers.length; at += 2)
    headers.push([decision.headers[at] as string, decision.headers[at + 1] as string])
  return { status: decision.status === 0 ? 200 : decision.status, statusText: '', headers, bodyHash: '' }
}

function wider(compared: readonly Compared[]): readonly Suspicion[] {
  const [open] = compared
    .filter(({ intended, actual }) => compareReadable(actual, intended) > 0)
    .sort((a, b) => compareReadable(b.actual, a.actual))
  if (open !== undefined) {
    const { exchange, actual, intended, evaluation } = open
    const credentials = actual === 'credentialed' ? 'with' : 'without'
    return [
      {
        code: 'policy-wider',
        severity: actual === 'credentialed' ? 'high' : 'medium',
        message: `"${exchange.probe.origin}" ${exchange.probe.asks === undefined ? 'may read this' : `may send ${exchange.probe.asks.method}`} ${credentials} credentials; the policy ${intended === 'no' ? `refuses it (${evaluation.decision.reason})` : 'allows it without'}`,
        exchange,
      },
    ]
  }
  const served = compared.find(
    ({ exchange, evaluation }) =>
      evaluation.decision.action === 'refuse' &&
      evaluation.decision.status === 403 &&
      exchange.answer.status < 300,
  )
  if (served === undefined) return []
  const { exchange } = served
  const message = `"${exchange.probe.origin}" is served (${exchange.answer.status}), though unreadable; the policy blocks it with 403`
  return [{ code: 'policy-wider', severity: 'medium', message, exchange }]
}

function narrower(compared: readonly Compared[]): readonly Suspicion[] {
  const found = compared.find(({ intended, actual }) => compareReadable(actual, intended) < 0)
  if (found === undefined) return []
  const { exchange, evaluation, actual } = found
  const does = exchange.probe.asks === undefined ? 'read this' : `send ${exchange.probe.asks.method}`
  const how = actual === 'no' ? 'not' : 'only without credentials'
  const message = `"${exchange.probe.origin}" may ${how} ${does}; the policy allows it (${evaluation.decision.reason})`
  return [{ code: 'policy-narrower', severity: 'low', message, exchange }]
}

function vary(compared: readonly Compared[]): readonly Suspicion[] {
  const found = compared.find(({ exchange, evaluation }) => {
    const present = listOf(exchange.answer, 'vary').map(name => name.toLowerCase())
    return (
      !present.includes('*') && evaluation.decision.vary.some(name => !present.includes(name.toLowerCase()))
    )
  })
  if (found === undefined) return []
  const { exchange, evaluation } = found
  const message = `Vary lacks ${evaluation.decision.vary.join(', ')}, which the policy sends`
  return [{ code: 'policy-vary', severity: 'low', message, exchange }]
}

function factsOf(
  target: Observation['target'],
  { method, headers, path = target.path }: { method: string; headers: readonly HeaderLine[]; path?: string },
) {
  const value = (name: string): string | undefined => {
    const lines = headers.filter(line => line[0].toLowerCase() === name).map(line => line[1])
    return lines.length === 0 ? undefined : lines.join(', ')
  }
  return {
    method,
    target: path,
    host: target.port === '' ? target.host : `${target.host}:${target.port}`,
    scheme: target.scheme,
    origin: value('origin'),
    requestMethod: value('access-control-request-method'),
    requestHeaders: value('access-control-request-headers'),
    requestPrivateNetwork: value('access-control-request-private-network'),
    secFetchSite: undefined,
    websocket: value('upgrade') !== undefined,
  }
}

const COMPARED = new Set(['origin', 'known', 'candidate', 'head', 'options', 'preflight', 'elsewhere'])

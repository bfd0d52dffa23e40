import { MAX_AGE_CAPS } from '../../cors/browser/max-age-caps.js'
import { type Answer, headerOf, listOf } from '../exchange.js'
import type { Suspicion } from '../finding.js'
import { type Observation, type WithOrigin, withOrigin } from '../observation.js'
import { compareReadable, preflightAllows, type Readable } from '../readable.js'
import { foreignReads } from './foreign-reads.js'

/** What a foreign page may announce, and whether that is more than it may read. */
export function preflights(observation: Observation): readonly Suspicion[] {
  const all = withOrigin(observation, 'preflight')
  const passed = passedPreflights(observation)
  const credentialed = passed
    .filter(({ allowed }) => allowed === 'credentialed')
    .map(({ exchange }) => exchange)
  return [
    ...wider(passed, foreignReads(observation)),
    ...anyMethod(credentialed),
    ...anyHeader(credentialed),
    ...maxAge(all),
    ...discloses(all),
    ...privateNetwork(
      passed.map(({ exchange }) => exchange),
      observation,
    ),
  ]
}

/** The preflights that a browser would go on from, and with what. */
export function passedPreflights(observation: Observation): readonly Passed[] {
  return withOrigin(observation, 'preflight')
    .map(exchange => ({ exchange, allowed: allowedBy(exchange) }))
    .filter(({ allowed }) => allowed !== 'no')
}

interface Passed {
  readonly exchange: WithOrigin
  readonly allowed: Readable
}

function wider(passed: readonly Passed[], reads: Readable): readonly Suspicion[] {
  const beyond = passed.find(
    ({ exchange, allowed }) => isUnsafe(exchange) && compareReadable(allowed, reads) > 0,
  )
  if (beyond === undefined) return []
  const { exchange, allowed } = beyond
  const asked = describe(exchange)
  const reach = allowed === 'credentialed' ? 'with credentials' : 'without credentials'
  const message = `A foreign page may send ${asked} ${reach}, though it may ${reads === 'no' ? 'not read the answer' : 'read only without credentials'}`
  return [{ code: 'preflight-wider', severity: 'medium', message, exchange }]
}

function anyMethod(passed: readonly WithOrigin[]): readonly Suspicion[] {
  const exchange = passed.find(({ probe }) => isInvented(probe.asks?.method))
  if (exchange === undefined) return []
  const message = `A foreign page may send any method: ${exchange.probe.asks?.method} was allowed, which does not exist`
  return [{ code: 'preflight-any-method', severity: 'low', message, exchange }]
}

function anyHeader(passed: readonly WithOrigin[]): readonly Suspicion[] {
  const exchange = passed.find(({ probe }) => probe.asks?.names.some(name => name.startsWith('x-')))
  if (exchange === undefined) return []
  const message = `A foreign page may set any header: ${exchange.probe.asks?.names[0]} was allowed, which does not exist`
  return [{ code: 'preflight-any-header', severity: 'low', message, exchange }]
}

function maxAge(preflights: readonly WithOrigin[]): readonly Suspicion[] {
  const exchange = preflights.find(
    ({ answer }) => Number(headerOf(answer, 'access-control-max-age')) > MAX_AGE_CAPS.Firefox,
  )
  if (exchange === undefined) return []
  const message = `Preflight answers are to be kept for ${headerOf(exchange.answer, 'access-control-max-age')} seconds`
  return [{ code: 'preflight-max-age', severity: 'low', message, exchange }]
}

function discloses(preflights: readonly WithOrigin[]): readonly Suspicion[] {
  const exchange = preflights.find(
    ({ answer }) => headerOf(answer, 'access-control-allow-origin') === undefined && hasLists(answer),
  )
  if (exchange === undefined) return []
  const message = 'The preflight of a foreign origin is refused and still told the methods or headers'
  const notes = ['browsers refuse the preflight: not exploitable as it is']
  return [{ code: 'preflight-discloses', severity: 'info', message, exchange, notes }]
}

function privateNetwork(passed: readonly WithOrigin[], { target }: Observation): readonly Suspicion[] {
  const exchange = passed.find(
    ({ answer, probe }) =>
      probe.headers.some(([name]) => name === 'Access-Control-Request-Private-Network') &&
      headerOf(answer, 'access-control-allow-private-network') === 'true',
  )
  if (exchange === undefined) return []
  const severity = target.internal ? 'medium' : 'info'
  const message = 'A foreign page is told that it may call into the private network'
  return [{ code: 'private-network', severity, message, exchange }]
}

function allowedBy({ answer, probe }: WithOrigin): Readable {
  return preflightAllows(answer, probe.origin, probe.asks?.method ?? 'GET', probe.asks?.names ?? [])
}

// POST with a JSON body is as much a permission to act as PUT is; a header alone on GET is not.
function isUnsafe({ probe }: WithOrigin): boolean {
  return probe.asks !== undefined && probe.asks.method !== 'GET' && !isInvented(probe.asks.method)
}

function isInvented(method: string | undefined): boolean {
  return method !== undefined && !KNOWN.has(method)
}

function hasLists(answer: Answer): boolean {
  return (
    listOf(answer, 'access-control-allow-methods').length > 0 ||
    listOf(answer, 'access-control-allow-headers').length > 0
  )
}

function describe({ probe }: WithOrigin): string {
  const { method = '', names = [] } = probe.asks ?? {}
  return names.length === 0 ? method : `${method} with ${names.slice(0, 3).join(', ')}`
}

const KNOWN = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])

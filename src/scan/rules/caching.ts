import { type Answer, headerOf, listOf } from '../exchange.js'
import type { ScanSeverity, Suspicion } from '../finding.js'
import { type Observation, ofKind, type WithOrigin, withOrigin } from '../observation.js'
import { echoes } from '../readable.js'

/** Answers that depend on the origin and do not tell caches; and caches that were seen to mix them up. */
export function caching(observation: Observation): readonly Suspicion[] {
  const poisoned = cachePoisoned(observation)
  return poisoned.length > 0 ? poisoned : varyMissing(observation)
}

function varyMissing(observation: Observation): readonly Suspicion[] {
  const plain = (['known', 'candidate', 'origin'] as const).flatMap(kind => withOrigin(observation, kind))
  const [specific] = plain.filter(isOriginSpecific(observation))
  if (specific === undefined) return []
  const lacking = [specific, ...plain, ...ofKind(observation, 'baseline')].find(
    ({ answer }) => !variesByOrigin(answer) && keeping(answer) !== undefined,
  )
  const severity = lacking && keeping(lacking.answer)
  if (lacking === undefined || severity === undefined) return []
  const refused = lacking !== specific
  return [
    {
      code: 'vary-missing',
      severity: refused ? 'low' : severity,
      message: refused
        ? 'The answer to a request that is not allowed lacks Vary: Origin; kept by a cache, it breaks the allowed sites'
        : 'The answer names one origin, may be cached, and lacks Vary: Origin',
      exchange: lacking,
      ...(severity === 'low' && { notes: ['low, because it does not say that shared caches may keep it'] }),
    },
  ]
}

// An answer that always names the same origin does not depend on the request, and needs no Vary.
function isOriginSpecific(observation: Observation): (exchange: WithOrigin) => boolean {
  const fixed = ofKind(observation, 'baseline').map(({ answer }) =>
    headerOf(answer, 'access-control-allow-origin'),
  )
  return ({ answer, probe }) => echoes(answer, probe.origin) && !fixed.includes(probe.origin)
}

function variesByOrigin(answer: Answer): boolean {
  return listOf(answer, 'vary').some(name => name === '*' || name.toLowerCase() === 'origin')
}

/**
 * How bad it is that a cache may mix this answer up: medium where it says or implies that it can be kept (RFC 9111,
 * sections 4.2.1 and 4.2.2), low where nothing is said or only the browser's own cache may; undefined where no cache keeps it.
 */
function keeping(answer: Answer): ScanSeverity | undefined {
  const control = (headerOf(answer, 'cache-control') ?? '').toLowerCase()
  if (!CACHEABLE.has(answer.status) || /no-store|no-cache/.test(control)) return undefined
  if (/private/.test(control)) return 'low'
  const age = /(?:s-maxage|max-age)\s*=\s*"?(\d+)/.exec(control)?.[1]
  if (age !== undefined && Number(age) === 0) return undefined
  if (age !== undefined || /public/.test(control)) return 'medium'
  const dated = headerOf(answer, 'expires') ?? headerOf(answer, 'last-modified')
  return dated === undefined ? 'low' : 'medium'
}

function cachePoisoned(observation: Observation): readonly Suspicion[] {
  const [first, ...later] = ofKind(observation, 'cache')
  const origin = first?.probe.origin
  if (first === undefined || origin === undefined || !echoes(first.answer, origin)) return []
  const exchange = later.find(({ answer, probe }) => probe.origin !== origin && echoes(answer, origin))
  if (exchange === undefined) return []
  const message = `After one request from ${origin}, others were given the answer that names it`
  const notes = ['seen on a query parameter of the scan’s own: no entry that others use was touched']
  return [{ code: 'cache-poisoned', severity: 'medium', message, exchange, notes }]
}

// RFC 9110 section 15.1.
const CACHEABLE = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])

import { parseOriginPattern } from '../../cors/origins/origin-pattern.js'
import { type Answer, headerOf } from '../exchange.js'
import type { Suspicion } from '../finding.js'
import { type Answered, type Observation, ofKind, withOrigin } from '../observation.js'
import { hostFacts } from '../target.js'

/** The value of Access-Control-Allow-Origin itself, where it is neither `*` nor what was sent. */
export function allowOriginValue(observation: Observation): readonly Suspicion[] {
  const plain = [...ofKind(observation, 'baseline'), ...arbitrary(observation)]
  const exchange = plain.find(({ answer, probe }) => {
    const value = headerOf(answer, HEADER)
    // Caddy writes an empty one where a placeholder has no value: it says nothing to anybody.
    return value !== undefined && value !== '' && value !== '*' && value !== probe.origin
  })
  if (exchange === undefined) return []
  const value = headerOf(exchange.answer, HEADER) ?? ''
  if (isMalformed(value)) return [malformed(value, exchange)]
  return staticForeign(value, exchange, observation)
}

function malformed(value: string, exchange: Answered): Suspicion {
  return {
    code: 'acao-malformed',
    severity: 'low',
    message: `Access-Control-Allow-Origin is not an origin: "${value}"`,
    exchange,
    notes: ['browsers refuse it for every origin: not exploitable, and not working'],
  }
}

function staticForeign(
  value: string,
  exchange: Answered,
  { target, known }: Observation,
): readonly Suspicion[] {
  const credentials = allowsCredentials(exchange.answer)
  if (value === 'null') return []
  const url = new URL(value)
  const own = hostFacts(target.host).site ?? target.host
  const site = hostFacts(url.hostname).site ?? url.hostname
  if (!credentials) return []
  if (url.protocol === 'http:' && target.scheme === 'https') {
    const message = `Always allows ${value}, over http, with credentials`
    return [{ code: 'origin-insecure', severity: 'medium', message, exchange }]
  }
  if (site === own || known.includes(value)) return []
  const message = `Always allows ${value}, a site of another domain, with credentials`
  return [{ code: 'origin-static-foreign', severity: 'low', message, exchange }]
}

function arbitrary(observation: Observation) {
  return withOrigin(observation, 'origin').filter(({ probe }) => probe.originClass === 'foreign')
}

/** True for what is no serialised origin; the policy's own reader of origins knows, wildcards aside. */
function isMalformed(value: string): boolean {
  if (value === 'null') return false
  const parsed = parseOriginPattern(value)
  return 'error' in parsed || parsed.pattern.kind !== 'exact'
}

function allowsCredentials(answer: Answer): boolean {
  return headerOf(answer, 'access-control-allow-credentials') === 'true'
}

const HEADER = 'access-control-allow-origin'

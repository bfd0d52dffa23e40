import { headerOf } from '../exchange.js'
import type { Suspicion } from '../finding.js'
import { type Observation, withOrigin } from '../observation.js'
import { readable } from '../readable.js'

/** `*`: right for public data, harmless with credentials because browsers refuse it, and bad on an internal host. */
export function wildcard(observation: Observation): readonly Suspicion[] {
  const [exchange] = withOrigin(observation, 'origin').filter(({ probe }) => probe.originClass === 'foreign')
  if (exchange === undefined) return []
  const read = readable(exchange.answer, exchange.probe.origin)
  if (observation.target.internal && read === 'anonymous') {
    const message = 'Any site on the web can read this internal server through the browser of someone inside'
    return [{ code: 'internal-readable', severity: 'medium', message, exchange }]
  }
  if (headerOf(exchange.answer, 'access-control-allow-origin') !== '*') return []
  if (headerOf(exchange.answer, 'access-control-allow-credentials') === 'true') {
    return [
      {
        code: 'wildcard-with-credentials',
        severity: 'low',
        message: '"*" is sent together with Access-Control-Allow-Credentials: true',
        exchange,
        notes: ['browsers refuse it for requests with credentials: not exploitable as it is'],
      },
    ]
  }
  const message = 'Any site may read this, without credentials; right if it is public'
  return [{ code: 'wildcard', severity: 'info', message, exchange }]
}

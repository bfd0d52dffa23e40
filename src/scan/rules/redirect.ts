import { headerOf, isRedirect } from '../exchange.js'
import type { Suspicion } from '../finding.js'
import { type Observation, ofKind } from '../observation.js'

/** A redirect is not followed silently: it is said where it goes. */
export function redirect(observation: Observation): readonly Suspicion[] {
  const [exchange] = ofKind(observation, 'baseline')
  const to = exchange && headerOf(exchange.answer, 'location')
  if (exchange === undefined || to === undefined || !isRedirect(exchange)) return []
  const message = `Redirects elsewhere, which was not scanned: ${to}`
  return [{ code: 'redirect-not-followed', severity: 'info', message, exchange }]
}

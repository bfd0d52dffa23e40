import type { Suspicion } from '../finding.js'
import { type Observation, ofKind, withOrigin } from '../observation.js'

/** Server errors that a crafted Origin or preflight causes, and nothing else. */
export function robustness(observation: Observation): readonly Suspicion[] {
  const wellBehaved = [...ofKind(observation, 'baseline'), ...ofKind(observation, 'known')]
  if (wellBehaved.some(({ answer }) => answer.status >= 500)) return []
  const sent = [...withOrigin(observation, 'origin'), ...withOrigin(observation, 'preflight')]
  // 501 and 505 are answers to what is not served, and 502 to 504 tell about something behind.
  const exchange = sent.find(({ answer }) => answer.status === 500)
  if (exchange === undefined) return []
  const message = `${exchange.probe.kind === 'preflight' ? 'A preflight' : 'A crafted Origin'} makes the server answer 500`
  return [{ code: 'origin-error', severity: 'info', message, exchange }]
}

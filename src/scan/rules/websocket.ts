import type { Suspicion } from '../finding.js'
import { type Observation, withOrigin } from '../observation.js'

/** Upgrades that a foreign page gets: CORS does not guard them, and cookies always go along. */
export function websocket(observation: Observation): readonly Suspicion[] {
  const upgrades = withOrigin(observation, 'websocket')
  const open = upgrades.filter(({ answer }) => answer.status === 101)
  const [exchange] = open
  if (exchange === undefined) return []
  const proven =
    observation.session === 'proven' &&
    exchange.probe.session &&
    !open.some(({ probe }) => !probe.session) &&
    upgrades.length > open.length
  return [
    {
      code: 'websocket-origin',
      severity: proven ? 'critical' : 'medium',
      message: proven
        ? 'A page of any origin can open a WebSocket as the signed-in visitor: without the session it is refused'
        : 'A page of any origin can open a WebSocket here, with the visitor’s cookies',
      exchange,
    },
  ]
}

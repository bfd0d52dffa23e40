import type { Answer, Exchange } from './exchange.js'
import type { Probe } from './probes/probe.js'
import type { ScanTarget } from './target.js'

/** Everything that one scan of one URL saw: what the rules judge. A value; judging it sends nothing. */
export interface Observation {
  readonly target: ScanTarget
  readonly exchanges: readonly Answered[]
  readonly session: SessionEffect
  /** Origins that the user says are meant to be allowed, serialised. */
  readonly known: readonly string[]
}

/**
 * What the session given as `-H` changes: `proven` where an ambient credential (a cookie, HTTP authentication)
 * changes the answer, which is what a browser would attach for a foreign page; `none` where it does not; `unknown`
 * where no session was given, or it is one that browsers do not attach.
 */
export type SessionEffect = 'proven' | 'none' | 'unknown'

/** An exchange that was answered. */
export type Answered = Exchange & { readonly answer: Answer }

/** An answered probe that sent an Origin. */
export type WithOrigin = Answered & { readonly probe: Probe & { readonly origin: string } }

export function ofKind(observation: Observation, kind: Probe['kind']): readonly Answered[] {
  return observation.exchanges.filter(({ probe }) => probe.kind === kind)
}

/** The answered probes of a kind that sent an Origin. */
export function withOrigin(observation: Observation, kind: Probe['kind']): readonly WithOrigin[] {
  return ofKind(observation, kind).filter(
    (exchange): exchange is WithOrigin => exchange.probe.origin !== undefined,
  )
}

import { bySeverity, type Suspicion } from './finding.js'
import type { Observation } from './observation.js'
import { acceptedOrigins } from './rules/accepted-origins.js'
import { allowOriginValue } from './rules/allow-origin-value.js'
import { caching } from './rules/caching.js'
import { otherAnswers } from './rules/other-answers.js'
import { preflights } from './rules/preflights.js'
import { redirect } from './rules/redirect.js'
import { robustness } from './rules/robustness.js'
import { websocket } from './rules/websocket.js'
import { wildcard } from './rules/wildcard.js'

/** Judges what was seen. Pure: the same observation is judged the same, and nothing is sent. */
export function judge(observation: Observation): readonly Suspicion[] {
  return RULES.flatMap(rule => rule(observation)).sort(bySeverity)
}

const RULES: readonly ((observation: Observation) => readonly Suspicion[])[] = [
  acceptedOrigins,
  wildcard,
  allowOriginValue,
  caching,
  preflights,
  otherAnswers,
  websocket,
  robustness,
  redirect,
]

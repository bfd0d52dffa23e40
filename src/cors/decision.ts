import type { Kind } from './classify.js'
import { REASONS, type Reason } from './reason.js'
import type { Rule } from './rule.js'

/**
 * What was decided about one request. A value: the response, the audit record, the metric, `explain` and `test` all
 * read this one, so they can't disagree.
 */
export interface Decision {
  readonly kind: Kind
  readonly outcome: 'allowed' | 'denied'
  readonly reason: Reason
  /** False in report mode: recorded, but nothing is changed. */
  readonly enforced: boolean
  /** What happens to the request: sent on, answered here as a preflight, or refused here. */
  readonly action: 'forward' | 'answer' | 'refuse'
  /** The status Crossgate answers with itself; 0 where the upstream answers. */
  readonly status: number
  /** The rule that decided, where one held the origin. */
  readonly rule: Rule | undefined
  /** The CORS headers of the response, name and value in turn, in the order they are sent. */
  readonly headers: readonly string[]
  /** Field names for Vary; whoever decides gives a frozen list. */
  readonly vary: readonly string[]
}

/** Makes the decision, frozen with its lists; action and status follow from the reason unless told otherwise. */
export function decision(kind: Kind, reason: Reason, facts: DecisionFacts = {}): Decision {
  const { outcome, status } = REASONS[reason]
  const action = facts.action ?? (outcome === 'allowed' ? 'forward' : 'refuse')
  return Object.freeze({
    kind,
    outcome,
    reason,
    enforced: facts.enforced ?? true,
    action,
    status: action === 'forward' ? 0 : (facts.status ?? status),
    rule: facts.rule,
    headers: facts.headers === undefined ? NOTHING : Object.freeze(facts.headers),
    vary: facts.vary ?? NOTHING,
  })
}

export type DecisionFacts = {
  readonly [Fact in 'action' | 'enforced' | 'headers' | 'rule' | 'status' | 'vary']?:
    | Decision[Fact]
    | undefined
}

const NOTHING: readonly string[] = Object.freeze([])

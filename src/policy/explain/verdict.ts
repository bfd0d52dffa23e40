import type { Decision } from '../../cors/decision.js'
import type { BrowserView } from './browser-view.js'

/** What comes of a request for whoever makes it: this is what `--expect` and expectations judge. */
export interface Verdict {
  readonly outcome: Decision['outcome']
  readonly reason: Decision['reason']
  /** Whose decision it is. `preflight`: the request itself would be allowed, and is never sent. */
  readonly step: 'request' | 'preflight'
}

/**
 * The decision about the request that was asked; but a page's request that would be allowed is denied where its preflight
 * is, since browsers don't send it then (Fetch, "HTTP fetch"). In report mode, what enforcing would make of it.
 */
export function verdictOf(decision: Decision, browser: BrowserView | undefined): Verdict {
  const preflight = decision.kind === 'preflight' ? undefined : browser?.preflight
  if (decision.outcome === 'allowed' && preflight?.outcome === 'denied')
    return { outcome: 'denied', reason: preflight.reason, step: 'preflight' }
  return { outcome: decision.outcome, reason: decision.reason, step: 'request' }
}

/** Why it is so, to stand behind an outcome: `origin-not-allowed`, or `its preflight is denied: header-not-allowed`. */
export function verdictText({ reason, step }: Verdict): string {
  return step === 'preflight' ? `its preflight is denied: ${reason}` : reason
}

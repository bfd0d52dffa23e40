import type { Activity } from '../observe/activity/activity.js'
import { type Html, html } from '../report/html.js'

/** Which upstreams fail now, for a banner; undefined where none does. */
export function failingUpstreams(activity: Activity, names: Iterable<string>): Html | undefined {
  const failing = [...names].map(name => recentFailures(activity, name)).filter(isFailing)
  if (failing.length === 0) return undefined
  const more = failing.length - SHOWN
  return html`<div class="banner" role="alert"><strong>${failing.length === 1 ? 'An upstream fails' : `${failing.length} upstreams fail`}.</strong>
<ul class="plain">${failing.slice(0, SHOWN).map(failureLine)}</ul>${more > 0 && html`and <a href="/upstreams">${more} more</a>`}</div>`
}

interface RecentFailures {
  readonly name: string
  readonly failed: number
  /** Failures among them; without what clients ended. */
  readonly requests: number
  readonly why: string
}

function recentFailures(activity: Activity, name: string): RecentFailures {
  const row = activity.upstreamRow(name)
  const now = Date.now()
  const count = (as: 'answered' | 'failed') => row?.recent.total(as, now, RECENT_MILLISECONDS) ?? 0
  const failed = count('failed')
  const why = row?.lastFailure?.code ?? row?.lastFailure?.result ?? ''
  return { name, failed, requests: failed + count('answered'), why }
}

function isFailing({ failed, requests }: RecentFailures): boolean {
  return failed > requests * TOLERATED
}

function failureLine({ name, failed, requests, why }: RecentFailures): Html {
  return html`<li><a href="/upstreams#${name}">${name}</a>: ${failed} of ${requests} request${requests === 1 ? '' : 's'} in the last minute failed (<code>${why}</code>)</li>`
}

const RECENT_MILLISECONDS = 60_000
/** As of the alert CrossgateUpstreamFailing. */
const TOLERATED = 0.05
const SHOWN = 5

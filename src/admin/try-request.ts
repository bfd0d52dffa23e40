import { isForbiddenRequestHeader } from '../cors/header-name.js'
import { type DryRun, dryRun, type HeadLimits } from '../gateway/dry-run/dry-run.js'
import { type AskedByPage, pageHead } from '../gateway/dry-run/page-head.js'
import type { RequestHead } from '../gateway/dry-run/request-head.js'
import type { CompiledPolicy } from '../policy/compiled/compiled-policy.js'
import type { Explanation } from '../policy/explain/explain.js'

/** What a page's script would do. */
export interface TrialRequest {
  readonly url: string
  /** Empty: no Origin, as with a link. */
  readonly origin: string
  readonly method: string
  /** Names of request headers, separated by commas. */
  readonly headers: string
}

export interface TrialStep {
  readonly name: string
  /** Why the browser sends it. */
  readonly why: string
  readonly explanation: Explanation
}

export type Trial =
  | {
      readonly steps: readonly TrialStep[]
      /** What a browser makes of it, as `crossgate explain` says it. */
      readonly sentences: readonly string[]
    }
  /** The HTTP parser refuses the request. */
  | (NonNullable<DryRun['unreadable']> & { readonly sentences: readonly string[] })
  | { readonly problem: string }

/**
 * What the browser would send for a page's fetch, each put to the gateway's own code: a preflight first, where the
 * method or a header asks for one (Fetch, "CORS-preflight fetch"), and the request itself if that passes.
 *
 * @param now Unix milliseconds
 */
export async function tryRequest(
  policy: CompiledPolicy,
  asked: TrialRequest,
  limits: HeadLimits,
  now: number,
): Promise<Trial> {
  const { header, dropped } = namesIn(asked.headers)
  const page: AskedByPage = {
    url: asked.url,
    origin: asked.origin === '' ? undefined : asked.origin,
    method: asked.method,
    header,
  }
  let head: RequestHead
  try {
    head = pageHead(page)
  } catch (error) {
    return { problem: sentence((error as Error).message) }
  }
  const notes = [...head.notes, ...dropped.map(name => `browsers do not let a script set ${name}`)].map(
    sentence,
  )
  const run = await dryRun(policy, head, limits, now)
  if (run.unreadable !== undefined) return { ...run.unreadable, sentences: notes }
  const { browser, request } = run.explanation
  const sentences = [...notes, ...(browser?.sentences ?? [])]
  const actual = request.websocket
    ? step('The handshake', 'sent by the browser; a WebSocket has no preflight', run.explanation)
    : step('The request', 'sent by the page', run.explanation)
  if (browser?.preflight === undefined) return { steps: [actual], sentences }

  const asking = await dryRun(policy, pageHead({ ...page, preflight: true }), limits, now)
  if (asking.unreadable !== undefined) return { ...asking.unreadable, sentences: notes }
  const because = `because of ${browser.preflightBecause.join(', ')}`
  const preflight = step('The preflight', because, asking.explanation)
  const { outcome, enforced } = asking.explanation.evaluation.decision
  return { steps: outcome === 'allowed' || !enforced ? [preflight, actual] : [preflight], sentences }
}

// A name alone: a Content-Type is most often JSON, which is not safelisted.
function namesIn(headers: string): {
  readonly header: readonly string[]
  readonly dropped: readonly string[]
} {
  const names = headers
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '')
  return {
    header: names
      .filter(name => !isForbiddenRequestHeader(name))
      .map(name => (name === 'content-type' ? 'content-type: application/json' : name)),
    dropped: names.filter(name => isForbiddenRequestHeader(name)),
  }
}

function step(name: string, why: string, explanation: Explanation): TrialStep {
  return { name, why, explanation }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

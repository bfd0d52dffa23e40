import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import type { Change, Direction } from './change.js'
import { upstreamText } from './upstream-text.js'
import type { WhoLoses } from './who-loses.js'

/** A change that is about no origin, not yet said of a route. */
export type SettingChange = Pick<Change, 'direction' | 'what' | 'note'>

/** Compares what two routes do with every request, whoever it is from. */
export function compareSettings(
  before: CompiledRoute,
  after: CompiledRoute,
  whoLoses: WhoLoses,
): readonly SettingChange[] {
  const changes: SettingChange[] = []
  const add = (direction: Direction, what: string) => changes.push({ direction, what })
  if (before.mode !== after.mode) {
    if (after.mode === 'report')
      add(
        'wider',
        'only reports now: every request passes, and the upstream’s own CORS headers say what pages may read',
      )
    else add('narrower', `is enforced now: ${whoLoses.sentence(after)}`)
  }
  if (after.mode === 'report' && before.websocket !== after.websocket) {
    if (after.websocket) add('wider', 'WebSockets of every origin pass now, as the route only reports')
    else add('narrower', 'WebSockets are no longer served')
  }
  if (before.onDenied !== after.onDenied) {
    if (after.onDenied === 'strip')
      add('wider', 'denied requests reach the upstream now; only the page cannot read the answer')
    else add('narrower', 'denied requests no longer reach the upstream')
  }
  if (before.fetchMetadata !== after.fetchMetadata) {
    if (after.fetchMetadata === 'off')
      add('wider', 'cross-site requests are no longer refused by their Sec-Fetch headers')
    else add('narrower', 'cross-site requests are refused by their Sec-Fetch headers')
  }
  if (before.forwardOrigin !== after.forwardOrigin) {
    add(
      'neutral',
      after.forwardOrigin
        ? 'the upstream sees the Origin header now'
        : 'the upstream no longer sees the Origin header',
    )
  }
  const from = upstreamText(before)
  const to = upstreamText(after)
  if (from !== to) add('neutral', `goes to ${to} instead of ${from}`)
  if (before.upstream.preserveHost !== after.upstream.preserveHost) {
    add(
      'neutral',
      after.upstream.preserveHost
        ? 'the upstream gets the Host of the request now, not its own'
        : 'the upstream gets its own Host now, not that of the request',
    )
  }
  if (before.upstream.tls.dangerouslySkipVerify !== after.upstream.tls.dangerouslySkipVerify) {
    if (after.upstream.tls.dangerouslySkipVerify)
      add('wider', 'the upstream’s certificate is no longer verified')
    else add('narrower', 'the upstream’s certificate is verified now')
  }
  return changes
}

/** Compares which origins are the gateway's own: for those, no rule is asked. */
export function comparePublicOrigins(
  before: CompiledPolicy,
  after: CompiledPolicy,
): readonly SettingChange[] {
  const old = before.publicOrigins
  const now = after.publicOrigins
  const changes: SettingChange[] = []
  for (const origin of now) {
    if (!old.has(origin))
      changes.push({
        direction: 'wider',
        what: `${origin} is the gateway's own origin now: no rule is asked for it`,
      })
  }
  for (const origin of old) {
    if (!now.has(origin))
      changes.push({ direction: 'narrower', what: `${origin} is no longer the gateway's own origin` })
  }
  if (old.size > 0 && now.size === 0) {
    changes.push({
      direction: 'wider',
      what: 'the gateway takes the origin of its Host header for its own now',
    })
  }
  if (old.size === 0 && now.size > 0) {
    changes.push({
      direction: 'narrower',
      what: 'the gateway no longer takes the origin of its Host header for its own',
    })
  }
  return changes
}

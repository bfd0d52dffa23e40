import { isIP } from 'node:net'
import { isPlayground } from '../../attack/shared-hosting.js'
import { isLoopbackHost } from '../../cors/origins/host-kind.js'
import { parseOrigin } from '../../cors/origins/origin.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { isPublicSuffix, sharedSuffixOf } from '../resolve/public-suffix.js'
import type { Candidate } from './candidate.js'
import type { LookAlikes } from './look-alikes.js'
import { type RouteGrants, ungranted } from './upstream-grants.js'

/** Why a candidate is not suggested: one of a closed list, and what there is to say about this one. */
export interface Refusal {
  readonly code: RefusalCode
  readonly detail?: string | undefined
}

export type RefusalCode = keyof typeof REFUSALS

/** What each refusal means, of one origin or of many. */
export const REFUSALS = {
  'look-alike':
    'made to pass for an origin of the policy, or looks so: if it is really yours, add it by hand',
  null: 'null is every sandboxed frame and local file, not somebody',
  'no-route': 'no route matched: there is nothing to allow it on',
  'route-gone': 'the policy has no such route any more',
  'allowed-now': 'the policy allows it by now',
  expired: 'the policy let it expire: renew it by hand, if that was a mistake',
  'not-the-origin': 'the origin is not what was denied: widening the rule would widen it for all its origins',
  'not-an-origin': 'not an origin that a browser sends',
  loopback: "somebody's own machine: whatever runs there could call",
  http: 'plain http: anyone on the way can be this origin. Ask for https',
  scheme: 'no web origin; add it by hand if it is your app',
  address: 'an IP address: whoever has it next would be let in',
  internationalised: 'an internationalised name: compare it with the real one letter by letter',
  unregistered: 'not a registered name',
  'shared-suffix': 'anyone can have a name there: make sure that this one is yours, and add it by hand',
  playground: 'a playground: whatever page anyone publishes there has this origin',
  'not-granted': 'the upstream did not allow it either: its pages read nothing today (--include-ungranted)',
  'nobody-granted':
    'the log has no Access-Control-Allow-Origin of the upstream: nobody reads there today, or a proxy in front of the gateway adds it (--include-ungranted)',
  'one-off': 'a one-off: seen too few times (--min-count)',
  'by-hand': 'the policy can only be edited by hand for it',
} as const

export interface RefusalContext {
  readonly policy: CompiledPolicy
  readonly lookAlikes: LookAlikes
  readonly grants: RouteGrants
  /** Requests below which an origin is a one-off. */
  readonly minimum: number
  readonly includeUngranted: boolean
}

export function refusalOf(
  candidate: Candidate,
  { policy, lookAlikes, grants, minimum, includeUngranted }: RefusalContext,
): Refusal | undefined {
  const { origin, route, reasons, count } = candidate
  if (origin === 'null') return { code: 'null' }
  if (route === undefined) return { code: 'no-route' }
  if (!policy.routes.some(({ id }) => id === route)) return { code: 'route-gone' }
  if (reasons.has('origin-expired')) return { code: 'expired' }
  if (reasons.has('origin-malformed')) return { code: 'not-an-origin' }
  if (!reasons.has('origin-not-allowed')) return { code: 'not-the-origin', detail: [...reasons].join(', ') }
  const risk = originRisk(origin, lookAlikes)
  if (risk !== undefined) return risk
  const unread = includeUngranted ? undefined : ungranted(candidate, grants.get(route))
  if (unread !== undefined) return { code: unread }
  return count < minimum ? { code: 'one-off', detail: `${count} of at least ${minimum}` } : undefined
}

function originRisk(text: string, lookAlikes: LookAlikes): Refusal | undefined {
  const origin = parseOrigin(text)
  if (origin === undefined) return { code: 'not-an-origin' }
  const { scheme, host } = origin
  if (isLoopbackHost(host)) return { code: 'loopback' }
  if (scheme !== 'https' && scheme !== 'http') return { code: 'scheme', detail: `${scheme}:` }
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return { code: 'address' }
  const likeness = lookAlikes.find(host)
  if (likeness !== undefined) return { code: 'look-alike', detail: likeness }
  if (scheme === 'http') return { code: 'http' }
  if (/(^|\.)xn--/.test(host)) return { code: 'internationalised' }
  if (isPlayground(host)) return { code: 'playground' }
  const suffix = sharedSuffixOf(host)
  if (suffix === host) return { code: 'shared-suffix', detail: 'the suffix itself' }
  if (suffix !== undefined) return { code: 'shared-suffix', detail: `below ${suffix}` }
  return isPublicSuffix(host) || !host.includes('.') ? { code: 'unregistered' } : undefined
}

import { compilePolicy } from '../compiled/compile.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import type { SourceFile } from '../problems/source.js'
import { resolvePolicy } from '../resolve/resolve.js'
import { type BlockedSummary, type Candidate, candidatesOf, type DenialEvidence } from './candidate.js'
import { grantOrigin } from './grant-origins.js'
import { LookAlikes } from './look-alikes.js'
import { passes } from './passes.js'
import { placementOf } from './placement.js'
import { REFUSALS, type Refusal, type RefusalCode, refusalOf } from './refusal.js'
import { unreadNotes } from './unread-requests.js'
import { type RouteGrants, routeNotes } from './upstream-grants.js'
import { type WildcardCandidate, wildcardCandidates } from './wildcard-candidates.js'

/** An origin that was denied on a route, everything the log has on it, and what becomes of it. */
export interface Suggestion
  extends Pick<
    Candidate,
    'origin' | 'count' | 'firstSeen' | 'lastSeen' | 'methods' | 'headers' | 'preflight' | 'hint'
  > {
  /** Empty where none matched. */
  readonly route: string
  /** For a suggested one: the rule it joins, or `new`, and what to think about. */
  readonly rule?: number | 'new'
  /** True where the rule that it joins is one that a suggestion before it has added. */
  readonly joinsNew?: boolean
  /** Response headers that a new rule exposes, because the upstream does. */
  readonly exposeHeaders?: readonly string[]
  /** True where the upstream granted it credentials, whatever the rule does. */
  readonly credentialsGranted?: boolean
  readonly remarks?: readonly string[]
  /** For a refused one: why, as a code and as a sentence. */
  readonly reason?: RefusalCode
  readonly detail?: string | undefined
  readonly refused?: string
}

export interface Suggestions {
  readonly suggested: readonly Suggestion[]
  readonly refused: readonly Suggestion[]
  /** What was blocked, and is no candidate therefore. */
  readonly blocked: BlockedSummary
  readonly wildcards: readonly WildcardCandidate[]
  /** What routes lose when they are enforced, one sentence each. */
  readonly notes: readonly string[]
  /** The policy's files with what is suggested. */
  readonly files: readonly SourceFile[]
  /** The same, compiled. */
  readonly policy: CompiledPolicy
}

export interface SuggestOptions {
  /** Requests below which an origin is a one-off. */
  readonly minimum: number
  /** Unix milliseconds. */
  readonly now: number
  /** Takes what was blocked for a candidate, too. */
  readonly includeEnforced: boolean
  /** Takes for a candidate, too, whom the upstream did not allow to read. */
  readonly includeUngranted: boolean
}

/**
 * Turns the denials of an audit log into additions to its policy. Only what report mode let pass and the upstream let
 * read, is plainly somebody's own https origin, looks like nobody else's and came more than once, is suggested;
 * everything else is refused with its reason. Each addition is tried: the policy must still load, and the recorded requests must pass.
 */
export function suggestOrigins(
  denials: readonly DenialEvidence[],
  grants: RouteGrants,
  sources: readonly SourceFile[],
  policy: CompiledPolicy,
  options: SuggestOptions,
): Suggestions {
  const { candidates, blocked } = candidatesOf(denials, options.includeEnforced)
  const context = { policy, lookAlikes: new LookAlikes(policy), grants, ...options }
  const suggested: Suggestion[] = []
  const refused: Suggestion[] = []
  const denied: Candidate[] = []
  let state: State = { files: sources, policy }
  for (const candidate of candidates) {
    const allowed: Refusal | false = passes(policy, candidate, options.now) && { code: 'allowed-now' }
    const refusal = allowed || refusalOf(candidate, context)
    const added = refusal === undefined ? add(candidate, grants, state, policy, options.now) : { refusal }
    if ('refusal' in added) {
      refused.push(refusedRow(candidate, added.refusal))
      if (added.refusal.code !== 'allowed-now') denied.push(candidate)
    } else {
      suggested.push(added.suggestion)
      state = added.state
    }
  }
  const rare = refused.filter(({ reason }) => reason === 'one-off')
  const wildcards = wildcardCandidates([...suggested, ...rare])
  const notes = [...routeNotes(policy, grants, options.now), ...unreadNotes(policy, denied, grants)]
  return { suggested, refused, blocked, wildcards, notes, ...state }
}

interface State {
  readonly files: readonly SourceFile[]
  readonly policy: CompiledPolicy
}

function add(
  candidate: Candidate,
  grants: RouteGrants,
  { files, policy }: State,
  asGiven: CompiledPolicy,
  now: number,
): { readonly suggestion: Suggestion; readonly state: State } | { readonly refusal: Refusal } {
  const route = policy.routes.find(({ id }) => id === candidate.route)!
  const { grant, remarks, credentialsGranted } = placementOf(route, candidate, grants.get(route.id))
  const edited = grantOrigin(files, grant)
  if (edited === undefined) return { refusal: { code: 'by-hand', detail: 'how the route is written' } }
  const resolved = resolvePolicy(edited)
  const next = resolved.policy && compilePolicy(resolved.policy)
  if (next === undefined || !passes(next, candidate, now)) {
    const problem = resolved.problems.find(({ severity }) => severity === 'error')
    return { refusal: { code: 'by-hand', detail: problem?.message ?? 'the request would still be denied' } }
  }
  const { rule = 'new', exposed } = grant
  const exposeHeaders = rule === 'new' ? exposed : []
  const given = asGiven.routes.find(({ id }) => id === route.id)
  const joinsNew = rule !== 'new' && rule >= (given?.cors.length ?? 0)
  return {
    suggestion: {
      ...shown(candidate),
      rule,
      ...(joinsNew && { joinsNew }),
      exposeHeaders,
      credentialsGranted,
      remarks,
    },
    state: { files: edited, policy: next },
  }
}

function refusedRow(candidate: Candidate, { code, detail }: Refusal): Suggestion {
  const refused = detail === undefined ? REFUSALS[code] : `${REFUSALS[code]} (${detail})`
  return { ...shown(candidate), reason: code, detail, refused }
}

function shown(candidate: Candidate): Suggestion {
  const { origin, route = '', count, firstSeen, lastSeen, methods, headers, preflight, hint } = candidate
  return { origin, route, count, firstSeen, lastSeen, methods, headers, preflight, hint }
}

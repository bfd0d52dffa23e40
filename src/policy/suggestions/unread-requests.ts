import { isSafelistedMethod } from '../../cors/method.js'
import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import type { Candidate } from './candidate.js'
import { firstOf, type RouteGrants, ungranted } from './upstream-grants.js'

/**
 * What routes in report mode let pass, unread, and would refuse when they are enforced: one sentence for each route. A
 * server's own CORS code refuses nothing, it only says nothing, and forms that post to it never needed more.
 *
 * @param denied candidates whom the policy with what is suggested still denies
 */
export function unreadNotes(
  policy: CompiledPolicy,
  denied: readonly Candidate[],
  grants: RouteGrants,
): readonly string[] {
  return policy.routes.flatMap(({ id, corsPolicy }) => {
    if (corsPolicy.enforced || corsPolicy.onDenied === 'strip') return []
    const unread = denied.filter(
      candidate =>
        candidate.route === id &&
        !candidate.preflight &&
        candidate.methods.every(isSafelistedMethod) &&
        ungranted(candidate, grants.get(id)) !== undefined,
    )
    if (unread.length === 0) return []
    const posts = unread.filter(({ methods }) => methods.includes('POST'))
    const origins = [...new Set([...posts, ...unread])].map(({ origin }) => origin)
    return `route ${id}: the upstream answers ${firstOf(origins)} without letting pages there read, as it does with the forms of an identity provider or a payment page, and with clients that are no browsers: enforced, the route refuses them (403); with onDenied: strip they pass, unread`
  })
}

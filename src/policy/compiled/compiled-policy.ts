import type { OriginSet } from '../../cors/origins/origin-set.js'
import type { CorsPolicy } from '../../cors/rule.js'
import type { ResolvedPolicy, ResolvedRoute } from '../resolved/resolved-policy.js'
import type { RouteTable } from '../routes/route-table.js'

/** The policy as requests meet it: finished tables, nothing to parse and nothing to merge. */
export interface CompiledPolicy {
  /** SHA-256 of the resolved policy, hex. */
  readonly revision: string
  readonly routes: readonly CompiledRoute[]
  readonly table: RouteTable<CompiledRoute>
  /** This gateway's own origins; empty: the connection tells. */
  readonly publicOrigins: ReadonlySet<string>
  /** Every distinct origin set, for near misses on other routes. */
  readonly originSets: readonly OriginSet[]
  readonly resolved: ResolvedPolicy
}

export interface CompiledRoute extends ResolvedRoute {
  readonly corsPolicy: CorsPolicy
}

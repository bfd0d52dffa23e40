import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import type { UpstreamPool } from '../upstream/upstream-pool.js'

/** One policy in force, with the connections that belong to it. A request keeps the one it began with. */
export interface Generation {
  readonly policy: CompiledPolicy
  /** By upstream name; every upstream of the policy is here. */
  readonly pools: ReadonlyMap<string, UpstreamPool>
}

/** The one reference through which requests reach the policy, so that a reload is one assignment. */
export interface LivePolicy {
  current: Generation
}

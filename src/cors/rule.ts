import type { OriginSet } from './origins/origin-set.js'

/** Whom a rule is about. */
export interface AllowOrigins {
  readonly origins: readonly OriginSet[]
  /** `allowOrigins: ["*"]`. */
  readonly anyOrigin: boolean
}

/** One rule of a route, compiled to what a response needs: finished strings and sets. */
export interface Rule extends AllowOrigins {
  /** Position in the route's list, from 0: what the audit record and `explain` name. */
  readonly index: number
  /** Undefined for `["*"]`. */
  readonly methods: ReadonlySet<string> | undefined
  readonly headers: ReadonlySet<string>
  readonly anyHeader: boolean
  readonly credentials: boolean
  readonly privateNetwork: boolean
  /** Timing-Allow-Origin too. */
  readonly timing: boolean
  /** Finished values; undefined where the header is not sent. */
  readonly methodList: string | undefined
  readonly headerList: string | undefined
  readonly exposeList: string | undefined
  readonly maxAge: string | undefined
}

/** A route's CORS policy, as `decide` sees it. */
export interface CorsPolicy {
  readonly rules: readonly Rule[]
  /** True where the one rule is `*`: then every answer is the same for every origin, and no Vary is needed. */
  readonly publicOnly: boolean
  readonly onDenied: 'block' | 'strip'
  readonly enforced: boolean
  readonly websocket: boolean
  /** `fetchMetadata: isolate`; see `isolationFault`. */
  readonly isolate?: boolean
}

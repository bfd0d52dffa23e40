import type { Position } from '../problems/problem.js'
import type { OriginEntries, OriginTable } from './origin-table.js'

export type { ResolvedOrigin } from './resolved-origin.js'

/**
 * The policy after files are merged, defaults applied, names resolved and everything validated: the one value
 * that the compiler takes, the revision hashes and `diff` compares. It cannot be wrong: a policy with an error
 * never becomes one.
 */
export interface ResolvedPolicy {
  readonly upstreams: ReadonlyMap<string, ResolvedUpstream>
  readonly originSets: ReadonlyMap<string, ResolvedOriginSet>
  /** The entries of all sets, named or not. */
  readonly origins: OriginTable
  readonly routes: readonly ResolvedRoute[]
  /** Serialised origins that are this gateway's own (Fetch: same-origin requests). */
  readonly publicOrigins: readonly string[]
}

/** Timeouts in milliseconds. */
export interface UpstreamTimeouts {
  readonly connect: number
  readonly headers: number
  readonly idle: number
  /** For the whole exchange; absent: no limit. */
  readonly total?: number
}

export interface UpstreamTls {
  /** Paths as written: relative to the policy file in which they stand, or absolute. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
  readonly dangerouslySkipVerify: boolean
}

export interface ResolvedUpstream {
  readonly name: string
  /** `scheme://host[:port]`, without the default port and without a path. */
  readonly origin: string
  /** `''` or `/base`, canonical, never with a trailing slash. */
  readonly basePath: string
  readonly tls: UpstreamTls
  readonly timeouts: UpstreamTimeouts
  /** Connections at most, and requests that may wait for one. */
  readonly connections: number
  readonly queue: number
  /** Present where the upstream gets the Host of the request instead of its own. */
  readonly preserveHost?: true
  readonly position: Position
  /** Where its fields and those of its `tls` are written. */
  readonly fields: ReadonlyMap<string, Position>
}

/** A named origin set, or the inline entries of one rule (then `name` is undefined). */
export interface ResolvedOriginSet {
  readonly name: string | undefined
  readonly entries: OriginEntries
  readonly position: Position
}

export interface ResolvedRule {
  /** In the order of `allowOrigins`; a named set is the very object in `ResolvedPolicy.originSets`. */
  readonly origins: readonly ResolvedOriginSet[]
  /** True for `allowOrigins: ["*"]`: every origin, never with credentials. */
  readonly anyOrigin: boolean
  /** Byte-exact methods, without duplicates; `anyMethod` for `["*"]`. */
  readonly allowMethods: readonly string[]
  readonly anyMethod: boolean
  /** Lower-case names without duplicates; `anyHeader` where `*` is among them. */
  readonly allowHeaders: readonly string[]
  readonly anyHeader: boolean
  readonly exposeHeaders: readonly string[]
  readonly exposeAny: boolean
  readonly allowCredentials: boolean
  /** Seconds; undefined where the policy says nothing (Fetch: browsers then take 5). */
  readonly maxAge: number | undefined
  readonly allowPrivateNetwork: boolean
  readonly allowTiming: boolean
  /** Which `dangerously…` switches the rule carries, for lint and audit. */
  readonly dangerous: readonly string[]
  readonly position: Position
  /** Where each field that the file has is written, key and value: for findings about one of them. */
  readonly fields: ReadonlyMap<string, Position>
}

/** One segment of a route's path: a literal (canonical), `*` or a final `**`. */
export type PathSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'rest' }

/** `exact` api.shop.example, `wildcard` for *.shop.example (then `name` is shop.example). */
export interface HostPattern {
  readonly kind: 'exact' | 'wildcard'
  readonly name: string
}

export interface ResolvedRoute {
  readonly id: string
  /** Empty: any host. */
  readonly hosts: readonly HostPattern[]
  /** As written, e.g. `/orders/**`. */
  readonly path: string
  readonly segments: readonly PathSegment[]
  readonly upstream: ResolvedUpstream
  /** Canonical, no trailing slash (`''` for `/`); undefined: the path goes upstream as it is. */
  readonly replacePrefix: string | undefined
  readonly cors: readonly ResolvedRule[]
  readonly mode: 'enforce' | 'report'
  /** The first millisecond (Unix epoch, UTC) after the last day of report mode, where the policy names one. */
  readonly reportUntil?: number
  readonly onDenied: 'block' | 'strip'
  readonly forwardOrigin: boolean
  readonly websocket: boolean
  readonly fetchMetadata: 'off' | 'isolate'
  readonly position: Position
  /** As on a rule. */
  readonly fields: ReadonlyMap<string, Position>
}

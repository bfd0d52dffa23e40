/** Which removals of what upstreams say about CORS are equal: those of one upstream, route and set of names. */
export interface StrippedKind {
  readonly upstream: string
  readonly route: string
  /** Lower-case names, sorted, each once; capped and escaped, and of many the first few. */
  readonly headers: readonly string[]
  /** Of the three above. */
  readonly key: string
}

/** An upstream said something about CORS. */
export interface StrippedEvent {
  readonly kind: StrippedKind
  /** True where it was removed; false in report mode, where it was passed on. */
  readonly enforced: boolean
  /** Its Access-Control-Allow-Origin, capped and escaped: whom it tried to allow. */
  readonly allowOrigin: string | undefined
  /** True where it granted credentials. */
  readonly allowCredentials: true | undefined
  /** Its Access-Control-Expose-Headers, capped and escaped. */
  readonly exposeHeaders: string | undefined
  readonly requestId: string
  readonly policyRevision: string
}

/** What made the policy be read. */
export type ReloadTrigger = 'start' | 'watch' | 'poll' | 'sighup'

/** A policy came into force. */
export interface PolicyLoadedEvent {
  readonly policyRevision: string
  readonly routes: number
  readonly path: string
  readonly trigger: ReloadTrigger
  /** Absent at the start. */
  readonly previousRevision?: string
  /** What it changes for browsers, one sentence each. */
  readonly changes?: readonly string[]
}

/** A policy was refused; the one named stays in force. */
export interface PolicyRejectedEvent {
  readonly policyRevision: string
  readonly path: string
  readonly trigger: ReloadTrigger
  /** One sentence. */
  readonly error: string
  /** The first few, as `file:line:column: code message`, and `; help: ` with what to write instead where that is known. */
  readonly problems: readonly string[]
}

import type { HeaderLine } from '../header-line.js'
import type { OriginClass } from './origin-class.js'

/** One request to send, as data. Nothing here knows how to judge the answer. */
export interface Probe {
  readonly kind: ProbeKind
  /** Safe ones only, and one that does not exist. */
  readonly method: string
  /** Where it goes: the URL given, or a neighbour of it on the same server. */
  readonly at: Place
  /** Origin and whatever else this probe is about; sent as they are, duplicates and order included. */
  readonly headers: readonly HeaderLine[]
  /** The Origin sent; undefined where there is none. */
  readonly origin?: string
  /** For `kind: origin`: what is crafted about it. */
  readonly originClass?: OriginClass
  /** Browsers known to send such an Origin; empty: none does. Undefined: all do. */
  readonly browsers?: readonly string[]
  /** False for the comparison request that leaves the session out. */
  readonly session: boolean
  /** For preflights: what is asked for. */
  readonly asks?: { readonly method: string; readonly names: readonly string[] }
}

export type ProbeKind =
  | 'baseline'
  | 'closing'
  | 'origin'
  | 'known'
  | 'candidate'
  | 'head'
  | 'options'
  | 'preflight'
  | 'elsewhere'
  | 'cache'
  | 'websocket'

/** `unique` is the URL with a query parameter of this run's own, so that no cache entry of others is touched. */
export type Place =
  | 'url'
  | 'unknown-path'
  | 'bad-path'
  | 'bad-query'
  | 'slash-path'
  | 'double-slash-path'
  | 'unique'

/** The random names of one run: nobody can have registered or allowed them. */
export interface Labels {
  readonly first: string
  readonly second: string
}

import type { Launch } from './daemon.js'
import type { PolicySize } from './policy-sizes.js'

/** What a peer is to do: this policy, on this port, in front of that upstream. Its files go below `dir`. */
export interface Site {
  readonly size: PolicySize
  readonly port: number
  readonly upstreamPort: number
  readonly dir: string
}

/** A proxy that can be given the same job as Crossgate. */
export interface Peer {
  readonly name: string
  /** With its version, as the tables show it. */
  readonly title: string
  /** Runs JavaScript, so that it is fast only after a while. */
  readonly warmsUp: boolean
  /** Another peer with one thing changed, or none that anybody would take: measured with the small policy and the most connections only. */
  readonly variant?: boolean
  /** Measured only where it is asked for by its name. */
  readonly onlyAsked?: boolean
  /** Why it cannot hold the large policy; undefined where it can. */
  readonly tooLarge?: string
  /** Writes its configuration. One process or thread answers. */
  configure(site: Site): Launch
}

/** A peer that is there, or why it is not. */
export type PeerOrAbsence = Peer | { readonly name: string; readonly absent: string }

/** Whether a change opens something, closes something, or neither. */
export type Direction = 'wider' | 'narrower' | 'neutral'

/** One difference between what two policies do. */
export interface Change {
  readonly direction: Direction
  /** The route that answered in the old policy; absent: none did, or the whole policy is meant. */
  readonly from?: string
  /** The route that answers in the new policy, likewise. */
  readonly to?: string
  /** Requests that are concerned: `api.shop.example/orders/**`, patterns as in a policy. */
  readonly where: readonly string[]
  /**
   * Whose access changes; empty where it is not about origins. A pattern stands for those origins that neither policy
   * names more exactly.
   */
  readonly origins: readonly string[]
  readonly access?: AccessChange
  /** What happens, to follow the origins or to stand alone. */
  readonly what: string
  /** Something to know about it. */
  readonly note?: string
}

/** What is gained (in a wider change) or lost (in a narrower one), or would be (in a neutral one, of report mode). */
export interface AccessChange {
  readonly methods: readonly string[]
  /** Request headers. */
  readonly headers: readonly string[]
  /** Response headers. */
  readonly exposed: readonly string[]
  readonly credentials: boolean
  readonly privateNetwork: boolean
  readonly timing: boolean
  readonly websocket: boolean
}

/** Stands for whatever is not named. */
export const ANY_OTHER_ORIGIN = 'any other origin'
export const ANY_OTHER_METHOD = 'any other method'
export const ANY_OTHER_HEADER = 'any other header'

/** What every change has in common that nobody looked at: whoever asks whether something got wider must hear of it. */
export const NOT_COMPARED = { direction: 'wider', note: 'it counts as wider' } as const

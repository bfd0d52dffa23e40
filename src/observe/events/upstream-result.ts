/** Whose doing an end is. The upstream's is that of the way to it, too. */
export type Blame = 'nobody' | 'client' | 'upstream' | 'gateway'

/** How the exchanges of requests that the policy lets through end. */
export const UPSTREAM_RESULTS = {
  complete: { blame: 'nobody', isTimed: true },
  upgraded: { blame: 'nobody', isTimed: true },
  // Whoever may send requests may bring these about, so no alarm hangs on them.
  'client-left': { blame: 'client', isTimed: false },
  'payload-too-large': { blame: 'client', isTimed: false },
  'request-timeout': { blame: 'client', isTimed: false },
  'too-many-pipelined': { blame: 'client', isTimed: false },
  /** Broken off after the answer's head. */
  cut: { blame: 'upstream', isTimed: true },
  'bad-gateway': { blame: 'upstream', isTimed: true },
  'gateway-timeout': { blame: 'upstream', isTimed: true },
  // What was shed no upstream was asked; its time would make a saturated one look quick.
  overloaded: { blame: 'upstream', isTimed: false },
  shed: { blame: 'gateway', isTimed: false },
} as const satisfies Record<string, { readonly blame: Blame; readonly isTimed: boolean }>

export type UpstreamResult = keyof typeof UPSTREAM_RESULTS

export function blameFor(result: UpstreamResult): Blame {
  return UPSTREAM_RESULTS[result].blame
}

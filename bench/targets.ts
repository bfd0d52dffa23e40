import { readFileSync } from 'node:fs'
import type { Sample } from './contest.js'
import { inCheckout } from './root.js'
import { type Figures, ratioOf, type ratioOfBests, type Setup } from './summary.js'

/** What Crossgate promises, as ratios within one run: `targets.json`, for the guard and the docs. */
export interface Targets {
  /** From the start of the process to the end of its first answer. */
  readonly startUpMilliseconds: number
  /** The guard's bound for it; see `RatioTarget.guardedAt`. */
  readonly startUpGuardedAt: number
  /** Resident, after its start. */
  readonly idleMegabytes: number
  readonly ratios: readonly RatioTarget[]
}

export interface RatioTarget {
  readonly name: string
  readonly of: Setup
  readonly to: Setup
  readonly figure: keyof Figures
  readonly atMost?: number
  readonly atLeast?: number
  /**
   * Where a target is not reached yet, or a busy machine blurs it: the bound that must not be crossed meanwhile. The
   * target stays what it is, and is told as missed.
   */
  readonly guardedAt?: number
  /** false: the guard has no time for it; `npm run bench` tells. */
  readonly guarded?: boolean
}

/** A target and what was found. */
export interface Verdict {
  readonly name: string
  readonly figure: string
  readonly limit: string
  readonly found: string
  readonly kept: boolean
  /** Within what the guard holds, which may be wider. */
  readonly held: boolean
}

export const TARGETS = JSON.parse(readFileSync(inCheckout('bench/targets.json'), 'utf8')) as Targets

/** Undefined where the two were not measured together. */
export function judge(
  target: RatioTarget,
  samples: readonly Sample[],
  ratioFrom: typeof ratioOfBests = ratioOf,
): Verdict | undefined {
  const { name, of, to, figure, atMost = Number.POSITIVE_INFINITY, atLeast = 0 } = target
  const { guardedAt = target.atMost ?? atLeast } = target
  const ratio = ratioFrom(samples, of, to, figure)
  if (ratio === undefined) return undefined
  return {
    name,
    figure: FIGURES[figure],
    limit: target.atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`,
    found: ratio.toFixed(2),
    kept: ratio <= atMost && ratio >= atLeast,
    held: target.atMost === undefined ? ratio >= guardedAt : ratio <= guardedAt,
  }
}

const FIGURES: Readonly<Record<keyof Figures, string>> = {
  processorMicros: 'processor time',
  requestsPerSecond: 'requests per second',
  p50: 'p50',
  p99: 'p99',
  residentBytes: 'memory',
}

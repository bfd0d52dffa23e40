import type { Sample } from './contest.js'
import { groupBy, median } from './statistics.js'

/** What a peer needs for a case: medians of the rounds. */
export interface Row extends Setup, Figures {
  readonly connections: number
  /** Crossgate's processor time over this peer's. */
  readonly crossgateRatio: number | undefined
}

/** Which peer, with which policy, for which case. */
export interface Setup {
  readonly peer: string
  readonly size: Sample['size']
  readonly case: string
}

/** In the units of `Sample`. */
export type Figures = Pick<Sample, 'processorMicros' | 'requestsPerSecond' | 'p50' | 'p99' | 'residentBytes'>

export function summarize(samples: readonly Sample[]): readonly Row[] {
  return [...groupBy(samples, each => `${keyOf(each)} ${each.connections}`).values()].map(group => {
    const { peer, size, case: name, connections } = group[0]!
    const of = (figure: keyof Figures) => median(group.map(sample => sample[figure]))
    return {
      peer,
      size,
      case: name,
      connections,
      processorMicros: of('processorMicros'),
      requestsPerSecond: of('requestsPerSecond'),
      p50: of('p50'),
      p99: of('p99'),
      residentBytes: of('residentBytes'),
      crossgateRatio: ratioOf(
        samples.filter(sample => sample.connections === connections),
        { peer: 'crossgate', size, case: name },
        { peer, size, case: name },
      ),
    }
  })
}

/** One's figure over the other's within a round, the median of all rounds; undefined where they never met. */
export function ratioOf(
  samples: readonly Sample[],
  one: Setup,
  other: Setup,
  figure: keyof Figures = 'processorMicros',
): number | undefined {
  const inRounds = (setup: Setup) =>
    new Map(
      samples.filter(sample => keyOf(sample) === keyOf(setup)).map(sample => [sample.round, sample[figure]]),
    )
  const others = inRounds(other)
  const ratios = [...inRounds(one)].flatMap(([round, value]) => {
    const against = others.get(round)
    return against === undefined ? [] : [value / against]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}

/**
 * One's best figure over the other's best, of all rounds. Others on the machine can only make a figure worse, so that this
 * is steadier than the median where they do; it tells less of what is usual. Undefined where one of the two was not measured.
 */
export function ratioOfBests(
  samples: readonly Sample[],
  one: Setup,
  other: Setup,
  figure: keyof Figures,
): number | undefined {
  const of = (setup: Setup) =>
    samples.filter(sample => keyOf(sample) === keyOf(setup)).map(sample => sample[figure])
  const ours = of(one)
  const theirs = of(other)
  if (ours.length === 0 || theirs.length === 0) return undefined
  const best = (figures: readonly number[]) =>
    figure === 'requestsPerSecond' ? Math.max(...figures) : Math.min(...figures)
  return best(ours) / best(theirs)
}

function keyOf({ peer, size, case: name }: Setup): string {
  return `${peer} ${size} ${name}`
}

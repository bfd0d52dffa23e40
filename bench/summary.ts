import type { Sample } from './contest.js'
import { groupBy, median } from './statistics.js'

/** What a peer needs for a case: medians of the rounds. */
export interface Row {
  readonly peer: string
  readonly size: Sample['size']
  readonly case: string
  readonly connections: number
  readonly processorMicros: number
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly residentBytes: number
  /** Crossgate's processor time over this peer's, the median of the rounds' own ratios. */
  readonly crossgateRatio: number | undefined
}

export function summarize(samples: readonly Sample[]): readonly Row[] {
  const groups = groupBy(samples, sample => `${setup(sample)} ${sample.peer}`)
  return [...groups.values()].map(group => {
    const { peer, size, case: name, connections } = group[0]!
    const of = (field: 'processorMicros' | 'requestsPerSecond' | 'p50' | 'p99' | 'residentBytes') =>
      median(group.map(sample => sample[field]))
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
      crossgateRatio: ratioOf(samples, 'crossgate', peer, group[0]!),
    }
  })
}

/** Processor time of one peer over another's, round by round; the median. */
function ratioOf(samples: readonly Sample[], one: string, other: string, like: Sample): number | undefined {
  const pairs = samples.filter(sample => setup(sample) === setup(like) && sample.peer === one)
  const ratios = pairs.flatMap(mine => {
    const theirs = samples.find(
      sample => setup(sample) === setup(like) && sample.peer === other && sample.round === mine.round,
    )
    return theirs === undefined ? [] : [mine.processorMicros / theirs.processorMicros]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}

function setup({ size, case: name, connections }: Pick<Sample, 'size' | 'case' | 'connections'>): string {
  return `${size} ${name} ${connections}`
}

import { type Observation, withOrigin } from '../observation.js'
import { type Readable, readable } from '../readable.js'

/** What a page of any origin may do with the answer to GET: the measure for what else it is allowed. */
export function foreignReads(observation: Observation): Readable {
  const reads = withOrigin(observation, 'origin')
    .filter(({ probe }) => probe.originClass === 'foreign')
    .map(({ answer, probe }) => readable(answer, probe.origin))
  if (reads.length > 0 && reads.every(read => read === 'credentialed')) return 'credentialed'
  return reads.length > 0 && reads.every(read => read !== 'no') ? 'anonymous' : 'no'
}

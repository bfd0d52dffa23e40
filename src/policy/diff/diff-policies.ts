import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import { type Change, type Direction, NOT_COMPARED } from './change.js'
import { AccessComparison } from './compare-access.js'
import { comparePublicOrigins, compareSettings } from './compare-settings.js'
import { Effort, stepsFor } from './effort.js'
import { type Region, regionsByRoute, regionsOf } from './regions.js'
import { upstreamText } from './upstream-text.js'
import { WhoLoses } from './who-loses.js'

/**
 * What two policies do differently, by what they do and not by how they are written: all requests and all origins are
 * divided until both policies treat each part alike, and each part is asked about. Where there are too many parts, a
 * wider change says what was not compared: nothing that may have changed is left out.
 *
 * @param now Unix milliseconds, at which both are compared
 * @param patience as of `stepsFor`
 */
export function diffPolicies(
  before: CompiledPolicy,
  after: CompiledPolicy,
  now: number,
  patience?: number,
): readonly Change[] {
  const steps = stepsFor(before, after, patience)
  const whoLoses = new WhoLoses(now)
  const access = new AccessComparison(now, new Effort(steps))
  const changes: Change[] = comparePublicOrigins(before, after).map(change => ({
    ...change,
    where: [],
    origins: [],
  }))
  const regions = regionsOf(before, after, new Effort(steps))
  const { kept, moved } = regions === undefined ? regionsByRoute(before, after) : { kept: regions, moved: [] }
  for (const region of moved) changes.push({ ...UNEXPLORED, ...placeOf(region) })
  for (const region of kept) {
    const place = placeOf(region)
    for (const change of settingChanges(region, whoLoses)) changes.push({ ...change, ...place, origins: [] })
    for (const change of access.compare(region.before, region.after)) changes.push({ ...change, ...place })
  }
  return changes.sort((a, b) => ORDER[a.direction] - ORDER[b.direction])
}

function placeOf({ before, after, where }: Region): Pick<Change, 'from' | 'to' | 'where'> {
  return { ...(before && { from: before.id }), ...(after && { to: after.id }), where }
}

function settingChanges({ before, after }: Region, whoLoses: WhoLoses): ReturnType<typeof compareSettings> {
  if (before !== undefined && after !== undefined) return compareSettings(before, after, whoLoses)
  if (after === undefined) return [{ direction: 'narrower', what: 'no longer served' }]
  const reports = after.mode === 'report'
  const what = `served now, by ${upstreamText(after)}`
  return [
    {
      direction: reports || after.onDenied === 'strip' ? 'wider' : 'neutral',
      what: reports ? `${what}; it only reports, so every request passes` : what,
    },
  ]
}

const ORDER: Readonly<Record<Direction, number>> = { wider: 0, narrower: 1, neutral: 2 }

/** Of a route that is new, gone or elsewhere: it takes requests from others, or leaves them to others. */
const UNEXPLORED = {
  ...NOT_COMPARED,
  origins: [],
  what: 'answers other requests than before, and what that opens or closes was not compared',
  note: `the routes overlap in too many ways to look at each; ${NOT_COMPARED.note}`,
} as const

import type { CompiledPolicy } from '../compiled/compiled-policy.js'
import type { Change, Direction } from './change.js'
import { AccessComparison } from './compare-access.js'
import { comparePublicOrigins, compareSettings } from './compare-settings.js'
import { type Region, regionsOf } from './regions.js'
import { upstreamText } from './upstream-text.js'

/**
 * What two policies do differently, by what they do and not by how they are written: all requests and all origins are
 * divided until both policies treat each part alike, and each part is asked about.
 *
 * @param now Unix milliseconds, at which both are compared
 */
export function diffPolicies(before: CompiledPolicy, after: CompiledPolicy, now: number): readonly Change[] {
  const access = new AccessComparison(now)
  const changes: Change[] = comparePublicOrigins(before, after).map(change => ({
    ...change,
    where: [],
    origins: [],
  }))
  for (const region of regionsOf(before, after)) {
    const { before: old, after: current, where } = region
    const place = { ...(old && { from: old.id }), ...(current && { to: current.id }), where }
    for (const change of settingChanges(region, now)) changes.push({ ...change, ...place, origins: [] })
    for (const change of access.compare(old, current)) changes.push({ ...change, ...place })
  }
  return changes.sort((a, b) => ORDER[a.direction] - ORDER[b.direction])
}

function settingChanges({ before, after }: Region, now: number): ReturnType<typeof compareSettings> {
  if (before !== undefined && after !== undefined) return compareSettings(before, after, now)
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

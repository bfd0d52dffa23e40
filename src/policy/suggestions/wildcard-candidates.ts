import { parseOrigin } from '../../cors/origins/origin.js'
import { parseHost } from '../resolve/public-suffix.js'

/** Origins that have everything but their first label in common. Told, never written: a wildcard is somebody's decision. */
export interface WildcardCandidate {
  /** The entry that would hold them. */
  readonly entry: string
  readonly route: string
  readonly origins: readonly string[]
}

/** @param rows origins with nothing against them but how rarely they came, or nothing at all */
export function wildcardCandidates(
  rows: readonly { readonly origin: string; readonly route: string }[],
): readonly WildcardCandidate[] {
  const groups = new Map<string, { entry: string; route: string; origins: string[] }>()
  for (const { origin, route } of rows) {
    const entry = parentOf(origin)
    if (entry === undefined) continue
    const key = `${route}\u0000${entry}`
    const group = groups.get(key) ?? { entry, route, origins: [] }
    group.origins.push(origin)
    groups.set(key, group)
  }
  return [...groups.values()].filter(({ origins }) => origins.length >= ENOUGH)
}

function parentOf(text: string): string | undefined {
  const origin = parseOrigin(text)
  if (origin === undefined) return undefined
  const { scheme, host, port } = origin
  const parent = host.slice(host.indexOf('.') + 1)
  // Below a suffix live strangers, who have nothing in common.
  if (parent === host || parseHost(parent).domain === null) return undefined
  return `${scheme}://*.${parent}${port === '' ? '' : `:${port}`}`
}

const ENOUGH = 3

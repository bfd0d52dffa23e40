import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import { hostPatternText } from '../resolved/host-pattern-text.js'
import type { HostPattern, PathSegment } from '../resolved/resolved-policy.js'
import { holdsHost, servesHost } from '../routes/request-host.js'
import { compileRouteTable } from '../routes/route-table.js'

/** A route whose pattern holds the request, and why it answers or does not. */
export interface CandidateRoute {
  readonly route: CompiledRoute
  readonly chosen: boolean
  readonly why: string
}

/**
 * Every route whose pattern holds the request, the winner first. Which ones, and in which order, the route table
 * itself says.
 *
 * @param host without port, lower case
 */
export function candidateRoutes(
  policy: CompiledPolicy,
  host: string,
  segments: readonly string[],
): readonly CandidateRoute[] {
  let left = policy.routes
    .filter(route => servesHost(route, host))
    .filter(route => compileRouteTable([route]).find(host, segments).route !== undefined)
  const ordered: CompiledRoute[] = []
  while (left.length > 0) {
    const { route } = compileRouteTable(left).find(host, segments)
    if (route === undefined) break
    ordered.push(route)
    left = left.filter(other => other !== route)
  }
  const [winner, next] = ordered
  if (winner === undefined) return []
  return ordered.map(route => {
    if (route !== winner)
      return { route, chosen: false, why: `less specific: ${difference(winner, route, host)}` }
    const why =
      next === undefined ? 'the only one that matches' : `most specific: ${difference(winner, next, host)}`
    return { route, chosen: true, why }
  })
}

function difference(winner: CompiledRoute, loser: CompiledRoute, host: string): string {
  const a = hostOf(winner, host)
  const b = hostOf(loser, host)
  if (hostText(a) !== hostText(b)) return `${hostText(a)} before ${hostText(b)}`
  const length = Math.max(winner.segments.length, loser.segments.length)
  for (let index = 0; index < length; index++) {
    const mine = segmentText(winner.segments[index])
    const other = segmentText(loser.segments[index])
    if (mine !== other) return `${mine} before ${other} in segment ${index + 1}`
  }
  return `${winner.path} before ${loser.path}`
}

// Of the hosts that hold the request's, the most specific.
function hostOf({ hosts }: CompiledRoute, host: string): HostPattern | undefined {
  const holding = hosts.filter(pattern => holdsHost(pattern, host))
  return (
    holding.find(({ kind }) => kind === 'exact') ??
    holding.reduce<HostPattern | undefined>(
      (best, one) => (best && best.name.length > one.name.length ? best : one),
      undefined,
    )
  )
}

function hostText(host: HostPattern | undefined): string {
  return host === undefined ? 'any host' : `host ${hostPatternText(host)}`
}

function segmentText(segment: PathSegment | undefined): string {
  if (segment === undefined) return 'the end of the path'
  if (segment.kind === 'literal') return `\`${segment.text}\``
  return segment.kind === 'one' ? '`*`' : '`**`'
}

import type { CompiledPolicy, CompiledRoute } from '../compiled/compiled-policy.js'
import { nearest } from '../problems/suggest.js'
import { hostsText } from '../resolved/host-pattern-text.js'
import type { PathSegment } from '../resolved/resolved-policy.js'
import { servesHost } from '../routes/request-host.js'
import { compileRouteTable, literalKey } from '../routes/route-table.js'

/** A route that does not hold the request, and why not. */
export interface NearestRoute {
  readonly route: CompiledRoute
  readonly why: string
}

/**
 * The routes that come closest to a request that none holds: first those of which only the host or only the path is
 * another, then by how far the path goes along, then by what looks like a slip of the pen.
 *
 * @param host without port, lower case
 */
export function nearestRoutes(
  policy: CompiledPolicy,
  host: string,
  segments: readonly string[],
): readonly NearestRoute[] {
  const measured = policy.routes
    .map(route => measure(route, host, segments))
    .sort(
      (a, b) =>
        a.faults - b.faults ||
        b.shared - a.shared ||
        a.distance - b.distance ||
        a.route.segments.length - b.route.segments.length,
    )
  const close = measured.filter(({ shared, distance }) => shared > 0 || distance < FAR)
  return (close.length > 0 ? close : measured).slice(0, SHOWN).map(({ route, why }) => ({ route, why }))
}

interface Measured extends NearestRoute {
  /** Of host and path, how many do not fit. */
  readonly faults: number
  /** Leading segments that fit. */
  readonly shared: number
  readonly distance: number
}

function measure(route: CompiledRoute, host: string, segments: readonly string[]): Measured {
  const hostFits = servesHost(route, host)
  const pathFits =
    compileRouteTable([{ hosts: [], segments: route.segments }]).find('', segments).route !== undefined
  const { shared, distance, why } = pathFits ? FITTING : compare(route.segments, segments)
  const wrongHost = `the host is another: ${hostsText(route)}`
  return {
    route,
    faults: Number(!hostFits) + Number(!pathFits),
    shared,
    distance,
    why: hostFits ? why : pathFits ? `${wrongHost}; the path fits` : `${wrongHost}; and ${why}`,
  }
}

interface PathFault {
  readonly shared: number
  readonly distance: number
  readonly why: string
}

/** Where the pattern and the path part, in words. */
function compare(pattern: readonly PathSegment[], segments: readonly string[]): PathFault {
  const at = pattern.findIndex((segment, index) => !fits(segment, segments[index]))
  if (at === -1) return longer(segments, pattern.length)
  const wanted = pattern[at] as PathSegment
  const given = segments[at]
  if (wanted.kind !== 'literal') {
    const end = given === '' ? 'the path ends with a slash' : 'the path ends'
    return { shared: at, distance: 0, why: `${end} where \`*\` wants a segment` }
  }
  const name = wanted.text === '' ? 'the slash at the end' : `\`${wanted.text}\``
  if (given === undefined) return { shared: at, distance: 0, why: `the path ends before ${name}` }
  return { shared: at, distance: distanceOf(given, wanted.text), why: whyOther(given, wanted.text, at) }
}

function fits(segment: PathSegment, given: string | undefined): boolean {
  if (given === undefined) return segment.kind === 'rest'
  if (segment.kind === 'literal') return literalKey(segment.text) === literalKey(given)
  return segment.kind === 'rest' || given !== ''
}

function longer(segments: readonly string[], shared: number): PathFault {
  const more = segments.slice(shared)
  return more.length === 1 && more[0] === ''
    ? { shared, distance: 0, why: 'the path has a slash at its end, and this one has none' }
    : {
        shared,
        distance: FAR,
        why: `the path goes on with \`/${more.join('/')}\`; only a final \`/**\` would hold that`,
      }
}

function whyOther(given: string, wanted: string, at: number): string {
  const segment = `segment ${at + 1}`
  if (given === '') return `${segment} is empty, and not \`${wanted}\``
  const slip = given.toLowerCase() === wanted.toLowerCase() ? ': another case' : ''
  return wanted === ''
    ? `the path goes on with \`${given}\``
    : `${segment} is \`${given}\`, and not \`${wanted}\`${slip}`
}

function distanceOf(given: string, wanted: string): number {
  if (given.toLowerCase() === wanted.toLowerCase()) return 0
  if (wanted === '') return FAR
  return nearest(given, [wanted]) === undefined ? FAR : NEAR
}

const FITTING: PathFault = { shared: Number.POSITIVE_INFINITY, distance: 0, why: '' }
const NEAR = 1
const FAR = 2
/** More would bury what is meant. */
const SHOWN = 3

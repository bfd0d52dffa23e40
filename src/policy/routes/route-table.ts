import type { HostPattern, PathSegment } from '../resolved/resolved-policy.js'

/** What a route must say of itself to be found. */
export interface Routable {
  readonly hosts: readonly HostPattern[]
  readonly segments: readonly PathSegment[]
}

/** What a lookup found: a route, or which part of the request none knows. */
export type RouteMatch<R> =
  | { readonly route: R; readonly reason: undefined }
  | { readonly route: undefined; readonly reason: 'host-not-found' | 'route-not-found' }

/**
 * The routes as a tree, so that the most specific one is found whatever the order in the file: exact host before
 * wildcard host (the longest first) before any host; then, segment by segment, literal before `*` before `**`.
 */
export interface RouteTable<R> {
  /**
   * @param host the Host header without its port, lower case
   * @param segments of the canonical path
   */
  find(host: string, segments: readonly string[]): RouteMatch<R>
}

export function compileRouteTable<R extends Routable>(routes: readonly R[]): RouteTable<R> {
  const hosts: Hosts<R> = { exact: new Map(), wildcard: new Map(), any: undefined }
  for (const route of routes) addRoute(hosts, route)
  return { find: (host, segments) => findRoute(hosts, host, segments) }
}

/**
 * What literal segments are compared by. Two spellings of a segment are one: `v1%3Ax` must not slip past the route of
 * `v1:x`, since most servers decode before they look, whatever RFC 3986 says of reserved characters.
 *
 * @param segment canonical, so decoding it cannot fail
 */
export function literalKey(segment: string): string {
  return segment.includes('%') ? decodeURIComponent(segment) : segment
}

interface Hosts<R> {
  readonly exact: Map<string, Node<R>>
  /** By the name below which the hosts stand. */
  readonly wildcard: Map<string, Node<R>>
  any: Node<R> | undefined
}

interface Node<R> {
  /** Undefined where there are none: a leaf is one object, of which a table has thousands. */
  literals: Map<string, Node<R>> | undefined
  one: Node<R> | undefined
  /** The route whose path ends here, and the one whose `**` starts here. */
  route: R | undefined
  rest: R | undefined
}

function addRoute<R extends Routable>(hosts: Hosts<R>, route: R): void {
  for (const root of rootsOf(hosts, route)) {
    let node = root
    for (const segment of route.segments) {
      if (segment.kind === 'rest') node.rest = route
      else node = childOf(node, segment)
    }
    if (route.segments.at(-1)?.kind !== 'rest') node.route = route
  }
}

function rootsOf<R extends Routable>(hosts: Hosts<R>, route: R): readonly Node<R>[] {
  if (route.hosts.length === 0) {
    hosts.any ??= newNode()
    return [hosts.any]
  }
  return route.hosts.map(host => {
    const map = hosts[host.kind]
    const node = map.get(host.name) ?? newNode<R>()
    map.set(host.name, node)
    return node
  })
}

function childOf<R>(node: Node<R>, segment: Exclude<PathSegment, { kind: 'rest' }>): Node<R> {
  if (segment.kind === 'one') {
    node.one ??= newNode()
    return node.one
  }
  const key = literalKey(segment.text)
  node.literals ??= new Map()
  const child = node.literals.get(key) ?? newNode<R>()
  node.literals.set(key, child)
  return child
}

function findRoute<R>(hosts: Hosts<R>, host: string, segments: readonly string[]): RouteMatch<R> {
  let known = false
  for (const root of candidateRoots(hosts, host)) {
    if (root === undefined) continue
    known = true
    const route = descend(root, segments, 0)
    if (route !== undefined) return { route, reason: undefined }
  }
  return { route: undefined, reason: known ? 'route-not-found' : 'host-not-found' }
}

function candidateRoots<R>(hosts: Hosts<R>, host: string): readonly (Node<R> | undefined)[] {
  const exact = hosts.exact.get(host)
  if (hosts.wildcard.size === 0 || host.length > MAX_HOST_BYTES) return [exact, hosts.any]
  const roots = [exact]
  for (let dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
    roots.push(hosts.wildcard.get(host.slice(dot + 1)))
  }
  roots.push(hosts.any)
  return roots
}

// Visits each node at most once, since a node's depth is its place in the path: no path can make this explode.
function descend<R>(node: Node<R>, segments: readonly string[], depth: number): R | undefined {
  const segment = segments[depth]
  if (segment === undefined) return node.route ?? node.rest
  const literal = node.literals?.get(literalKey(segment))
  const found = literal === undefined ? undefined : descend(literal, segments, depth + 1)
  if (found !== undefined) return found
  const one = node.one === undefined || segment === '' ? undefined : descend(node.one, segments, depth + 1)
  return one ?? node.rest
}

function newNode<R>(): Node<R> {
  return { literals: undefined, one: undefined, route: undefined, rest: undefined }
}

// RFC 1035 section 2.3.4. No host is longer, and it bounds the walk over a hostile one's labels.
const MAX_HOST_BYTES = 253

import type { CompiledRoute } from '../compiled/compiled-policy.js'
import { hostPatternText } from '../resolved/host-pattern-text.js'
import { FRESH_HOST, freshHost } from '../routes/route-witness.js'
import type { PathPattern } from './distinct-paths.js'

/** Hosts that no two host patterns tell apart. */
export interface HostClass {
  /** As written in a policy; empty for all hosts that none names. */
  readonly name: string
  /** One of them. */
  readonly host: string
  /** Of the routes that serve them, each once. */
  readonly patterns: readonly PathPattern[]
}

/** Divides all hosts by what the routes name. Routes are found by host, not tried: a policy may have thousands of both. */
export function* hostClassesOf(routes: readonly CompiledRoute[]): Iterable<HostClass> {
  const paths = new Map<string, PathPattern>()
  const classes = new Map<string, string>()
  const serving = new Map<string, Map<number, PathPattern>>()
  for (const [number, { hosts, segments }] of routes.entries()) {
    const key = JSON.stringify(segments)
    const pattern = paths.get(key) ?? segments
    paths.set(key, pattern)
    for (const host of hosts) classes.set(hostPatternText(host), freshHost(host))
    for (const name of hosts.length === 0 ? [ANY_HOST] : hosts.map(hostPatternText)) {
      const known = serving.get(name) ?? new Map<number, PathPattern>()
      serving.set(name, known.set(number, pattern))
    }
  }
  for (const [name, host] of [...classes, [ANY_HOST, FRESH_HOST] as const]) {
    const found = namesHolding(host).flatMap(each => [...(serving.get(each) ?? [])])
    const inOrder = found.sort(([a], [b]) => a - b).map(([, pattern]) => pattern)
    yield { name, host, patterns: [...new Set(inOrder)] }
  }
}

// Host patterns that hold a host, as they are written.
function namesHolding(host: string): readonly string[] {
  const names = [ANY_HOST, host]
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1))
    names.push(`*${host.slice(dot)}`)
  return names
}

const ANY_HOST = ''

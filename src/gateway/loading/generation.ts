import { createHash } from 'node:crypto'
import type { CompiledPolicy } from '../../policy/compiled/compiled-policy.js'
import type { ResolvedUpstream } from '../../policy/resolved/resolved-policy.js'
import type { TlsMaterial } from '../upstream/dial.js'
import { UpstreamPool } from '../upstream/upstream-pool.js'
import type { Generation, LivePolicy } from './live-policy.js'
import { readTls } from './tls-material.js'

/**
 * Opens the pools of a policy's upstreams; none dials before its first request. An upstream that is the same as in
 * `previous`, TLS files included, keeps its pool, so that a reload costs no connection and no limit is doubled.
 *
 * @param share among how many processes the limits of an upstream are divided
 * @throws Error that names the upstream and the file, where TLS material cannot be used.
 */
export function openGeneration(policy: CompiledPolicy, previous?: Generation, share = 1): Generation {
  const pools = new Map<string, UpstreamPool>()
  for (const upstream of policy.resolved.upstreams.values()) {
    const { material, faults } = readTls(upstream)
    // The policy was loaded with files that are good: they changed since.
    if (faults[0] !== undefined) throw new Error(`upstream "${upstream.name}": ${faults[0].message}`)
    const identity = identityOf(upstream, material)
    const present = previous?.pools.get(upstream.name)
    if (present !== undefined && identities.get(present) === identity) pools.set(upstream.name, present)
    else {
      const pool = new UpstreamPool(shareOf(upstream, share), material)
      identities.set(pool, identity)
      pools.set(upstream.name, pool)
    }
  }
  return { policy, pools }
}

// Never none: more processes than connections means one each.
function shareOf(upstream: ResolvedUpstream, share: number): ResolvedUpstream {
  if (share === 1) return upstream
  const { connections, queue } = upstream
  return { ...upstream, connections: Math.ceil(connections / share), queue: Math.ceil(queue / share) }
}

/** Puts a generation in force; the one before it ends with its requests. */
export function putInForce(live: LivePolicy, next: Generation): void {
  const previous = live.current
  live.current = next
  void closeGeneration(previous, next)
}

/** Closes a generation's pools once their requests have ended, save those that `next` uses too. */
export async function closeGeneration(generation: Generation, next?: Generation): Promise<void> {
  const kept = new Set(next?.pools.values())
  const unused = [...generation.pools.values()].filter(pool => !kept.has(pool))
  await Promise.all(unused.map(pool => pool.close()))
}

function identityOf(
  { position: _position, fields: _fields, ...upstream }: ResolvedUpstream,
  material: TlsMaterial,
): string {
  const hash = createHash('sha256').update(JSON.stringify(upstream))
  for (const part of [material.ca, material.cert, material.key]) hash.update('\0').update(part ?? '')
  return hash.digest('hex')
}

const identities = new WeakMap<UpstreamPool, string>()

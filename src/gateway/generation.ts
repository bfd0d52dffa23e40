import { readFileSync } from 'node:fs'
import type { CompiledPolicy } from '../policy/compiled-policy.js'
import type { ResolvedUpstream } from '../policy/resolved-policy.js'
import type { Generation } from './live-policy.js'
import type { TlsMaterial } from './upstream-connection.js'
import { UpstreamPool } from './upstream-pool.js'

/**
 * Opens the pools of a policy's upstreams; none dials before its first request.
 *
 * @throws Error that names the upstream and the file, where TLS material cannot be read.
 */
export function openGeneration(policy: CompiledPolicy): Generation {
  const pools = new Map<string, UpstreamPool>()
  for (const upstream of policy.resolved.upstreams.values()) {
    pools.set(upstream.name, new UpstreamPool(upstream, readTls(upstream)))
  }
  return { policy, pools }
}

/** Closes a generation's pools once their requests have ended. */
export async function closeGeneration(generation: Generation): Promise<void> {
  await Promise.all([...generation.pools.values()].map(pool => pool.close()))
}

function readTls(upstream: ResolvedUpstream): TlsMaterial {
  const { ca, cert, key } = upstream.tls
  return {
    ...(ca !== undefined && { ca: readMaterial(upstream, ca) }),
    ...(cert !== undefined && { cert: readMaterial(upstream, cert) }),
    ...(key !== undefined && { key: readMaterial(upstream, key) }),
  }
}

function readMaterial(upstream: ResolvedUpstream, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Error(
      `upstream "${upstream.name}": cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`,
    )
  }
}

import type { ReloadRecord } from '../gateway/loading/policy-history.js'
import type { Operations } from '../gateway/server.js'

/** The body of `/policy`: what is in force, since when, and what is wrong with what is on disk. */
export function policyJson({ live, policy }: Pick<Operations, 'live' | 'policy'>): string {
  const { path, generation, loadedAt, lastError, history } = policy.status
  const { revision, routes } = live.current.policy
  const body = {
    path,
    revision,
    generation,
    loadedAt: new Date(loadedAt).toISOString(),
    routes: routes.length,
    lastError: lastError === undefined ? null : reloadJson(lastError),
    history: history.map(reloadJson),
  }
  return `${JSON.stringify(body, null, 2)}\n`
}

function reloadJson(record: ReloadRecord): object {
  const { at, changes, problems, error, previousRevision, ...rest } = record
  return {
    at: new Date(at).toISOString(),
    ...rest,
    ...(previousRevision !== undefined && { previousRevision }),
    ...(record.outcome === 'loaded' ? { changes } : { error, problems: problems.slice(0, 20) }),
  }
}

import type { ReloadRecord } from '../gateway/loading/policy-history.js'
import type { Operations } from '../gateway/server.js'
import { formatJson } from '../report/json.js'

/** The body of `/policy`: what is in force, since when, and what is wrong with what is on disk. */
export function policyJson({ live, policy }: Pick<Operations, 'live' | 'policy'>): string {
  const { path, generation, loadedAt, lastError, history } = policy.status
  const { revision, routes } = live.current.policy
  return formatJson('serve', {
    path,
    policyRevision: revision,
    generation,
    loadedAt: new Date(loadedAt).toISOString(),
    routes: routes.length,
    ...(lastError !== undefined && { lastError: reloadJson(lastError) }),
    history: history.map(reloadJson),
  })
}

// Named as in the audit record of the same; its `problems` are texts, and here they are findings as `check` has them.
function reloadJson(record: ReloadRecord): object {
  const { at, outcome, trigger, revision, previousRevision, changes, problems, error } = record
  return {
    time: new Date(at).toISOString(),
    event: `policy.${outcome}`,
    trigger,
    policyRevision: revision,
    ...(previousRevision !== undefined && { previousRevision }),
    ...(outcome === 'loaded' ? { changes } : { error, findings: problems.slice(0, 20) }),
  }
}

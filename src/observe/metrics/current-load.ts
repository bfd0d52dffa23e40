import type { Series } from './merge-metrics.js'

/** How busy a gateway is at this moment, all its processes together: read off its metrics, so the two cannot differ. */
export interface CurrentLoad {
  /** HTTP requests; WebSockets are not among them. */
  readonly requests: number
  readonly webSockets: number
  upstream(name: string): { readonly active: number; readonly waiting: number }
}

export function currentLoad(series: Series): CurrentLoad {
  const byName = new Map((series as readonly Metric[]).map(metric => [metric.name, metric.values]))
  const sum = (name: string, upstream?: string): number =>
    (byName.get(name) ?? [])
      .filter(({ labels }) => upstream === undefined || labels.upstream === upstream)
      .reduce((total, { value }) => total + value, 0)
  return {
    requests: sum('crossgate_requests_in_flight'),
    webSockets: sum('crossgate_websockets_open'),
    upstream: name => ({
      active: sum('crossgate_upstream_connections_active', name),
      waiting: sum('crossgate_upstream_queue', name),
    }),
  }
}

interface Metric {
  readonly name: string
  readonly values: readonly { readonly value: number; readonly labels: { readonly upstream?: string } }[]
}

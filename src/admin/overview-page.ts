import type { Operations } from '../gateway/server.js'
import type { Counted } from '../observe/activity/activity-events.js'
import type { CurrentLoad } from '../observe/metrics/current-load.js'
import { compact } from '../report/chart.js'
import { decisionChart } from '../report/decision-chart.js'
import { type Html, html } from '../report/html.js'
import { denialTable } from './denial-table.js'
import { failingUpstreams } from './failing-upstreams.js'
import { layout } from './layout.js'
import { ago, clockUtc } from './when.js'

export function overviewPage(operations: Operations, _: URLSearchParams, load: CurrentLoad): Html {
  const { activity, live, policy } = operations
  const { resolved, routes } = live.current.policy
  const { loadedAt } = policy.status
  const latest = activity.denials().slice(0, 8)
  const now = Date.now()
  const minutes = activity.recent.steps(now)
  const total = (as: Counted) => activity.recent.total(as, now)
  const upstreams = [...resolved.upstreams.keys()]
  const failed = upstreams.reduce(
    (sum, name) => sum + (activity.upstreamRow(name)?.recent.total('failed', now) ?? 0),
    0,
  )
  const waiting = upstreams.reduce((sum, name) => sum + load.upstream(name).waiting, 0)
  return layout(operations, {
    page: 'overview',
    lead: 'What this gateway decided lately, and by which policy.',
    body: html`<div class="live" id="content" data-live>${failingUpstreams(activity, upstreams)}<div class="tiles">
<div class="tile ${total('denied') > 0 && 'alarm'}"><b>${compact(total('denied'))}</b><span>denied in ten minutes</span></div>
<div class="tile"><b>${compact(total('reported'))}</b><span>would be denied (report mode)</span></div>
<div class="tile"><b>${compact(total('allowed'))}</b><span>allowed in ten minutes</span></div>
<div class="tile ${failed > 0 && 'alarm'}"><b>${compact(failed)}</b><span>failed upstream in ten minutes</span></div>
<div class="tile"><b>${routes.length}</b><span>routes to ${resolved.upstreams.size} upstream${resolved.upstreams.size === 1 ? '' : 's'}</span></div>
<div class="tile"><b>${compact(load.requests)}</b><span>in flight, ${compact(waiting)} waiting for an upstream</span></div>
<div class="tile"><b>${compact(load.webSockets)}</b><span>WebSocket${load.webSockets === 1 ? '' : 's'} open</span></div>
</div>
<section class="card"><h2>Decisions, last ten minutes</h2>${decisionChart(minutes, 'Decisions in the last ten minutes', clockUtc)}</section>
<section class="card"><h2>Latest denials</h2>${denialTable(latest)}${latest.length > 0 && html`<p><a href="/denials">All denials</a></p>`}</section>
<p class="soft small">Policy <code>${policy.status.path}</code>, loaded ${ago(loadedAt)}.</p></div>`,
  })
}

import type { Operations } from '../gateway/server.js'
import type { DriftRow, UpstreamRow } from '../observe/activity/activity.js'
import type { CurrentLoad } from '../observe/metrics/current-load.js'
import type { CompiledRoute } from '../policy/compiled/compiled-policy.js'
import type { ResolvedUpstream } from '../policy/resolved/resolved-policy.js'
import { compact } from '../report/chart.js'
import { type Html, html } from '../report/html.js'
import { FAILURE_SENTENCES } from './failure-sentence.js'
import { layout } from './layout.js'
import { place } from './place.js'
import { ago } from './when.js'
import { withCode } from './with-code.js'

export function upstreamsPage(operations: Operations, _: URLSearchParams, load: CurrentLoad): Html {
  const upstreams = [...operations.live.current.policy.resolved.upstreams.values()]
  return layout(operations, {
    page: 'upstreams',
    lead: 'How the APIs behind are doing, and which of them still send CORS headers of their own.',
    body: html`<div class="live" id="content" data-live>${upstreams.map(upstream => upstreamCard(operations, load, upstream))}</div>`,
  })
}

function upstreamCard({ activity, live }: Operations, load: CurrentLoad, upstream: ResolvedUpstream): Html {
  const { name, origin, basePath, tls, position } = upstream
  const { active, waiting } = load.upstream(name)
  const row = activity.upstreamRow(name)
  const full = active >= upstream.connections
  return html`<section class="card" id="${name}"><div class="title"><h2>${name}</h2><code>${origin}${basePath}</code>
${tls.dangerouslySkipVerify && html`<span class="chip bad">TLS not verified</span>`}
${full && html`<span class="chip warn">all connections busy</span>`}<span class="soft small">${place(position)}</span></div><dl>
<dt>Connections</dt><dd>${active} of ${upstream.connections} busy, ${waiting} waiting of ${upstream.queue}</dd>
<dt>Requests</dt><dd>${compact(row?.requests ?? 0)}${row?.latency !== undefined && html`, those that succeed take about ${row.latency.toFixed(row.latency < 10 ? 1 : 0)} ms`}</dd>
<dt>Failures</dt><dd>${row === undefined || row.failures === 0 ? html`<span class="soft">none</span>` : html`<span class="chip bad">${row.failures}</span> ${row.lastFailure && lastFailure(row.lastFailure, upstream)}`}</dd>
<dt>Counting since</dt><dd>${row === undefined ? html`<span class="soft">now</span>` : ago(row.since)}</dd>
<dt>Time limits</dt><dd class="soft">${limitsOf(upstream)}</dd>
</dl>${drift(activity, name, reportRoutes(live.current.policy.routes, upstream))}</section>`
}

function lastFailure(
  { result, code, at }: NonNullable<UpstreamRow['lastFailure']>,
  { origin, basePath }: ResolvedUpstream,
): Html {
  const sentence = code === undefined ? undefined : FAILURE_SENTENCES.get(code)
  return html`last ${ago(at)}: <code>${result}</code>${code !== undefined && html`, <code>${code}</code> from <code>${origin}${basePath}</code>`}${sentence !== undefined && html`<div class="soft">${withCode(sentence)}</div>`}`
}

function drift(activity: Operations['activity'], upstream: string, reporting: readonly string[]): Html {
  const rows = activity.drift().filter(row => row.latest.kind.upstream === upstream)
  if (rows.length === 0)
    return html`<p class="soft small">Sends no CORS headers of its own, as far as seen.</p>`
  return html`<div class="rule"><h3>Sends CORS headers of its own</h3><p class="soft">${whatToDo(reporting)}</p>
<div class="scroll"><table class="stack"><thead><tr><th>Route</th><th>Headers</th><th>They were</th><th>Tried to allow, last</th><th class="num">Responses</th><th>Last</th></tr></thead><tbody>
${rows.map(driftRow)}</tbody></table></div></div>`
}

function driftRow({ latest, count, firstSeen, lastSeen }: DriftRow): Html {
  const { kind, enforced, allowOrigin } = latest
  return html`<tr><td data-label="Route">${kind.route}</td><td data-label="Headers"><code>${kind.headers.join(', ')}</code></td>
<td data-label="They were"><span><span class="chip ${enforced ? 'warn' : ''}">${enforced ? 'removed' : 'passed on (report mode)'}</span></span></td>
<td data-label="Allows, last">${allowOrigin === undefined ? html`<span class="soft">nobody</span>` : html`<code>${allowOrigin}</code>`}</td><td data-label="Responses" class="num">${count}</td><td data-label="Last" class="nowrap"><span>${ago(lastSeen)}${count > 1 && html`<br><span class="soft small">first ${ago(firstSeen)}</span>`}</span></td></tr>`
}

function whatToDo(reporting: readonly string[]): Html | string {
  if (reporting.length === 0) return 'They are removed before any browser sees them; their code can go.'
  const shown = reporting.slice(0, SHOWN_ROUTES)
  const more = reporting.length - shown.length
  return html`Leave the code that sends them in for now: what pages may read on a route in report mode is up to the API, and it serves ${shown.map((id, index) => html`${index > 0 && ', '}<a href="/routes#${id}">${id}</a>`)}${more > 0 && ` and ${more} more`}. Once every route is enforced it can go.`
}

// By where they lead, not by the name: two upstreams of a policy may be one API.
function reportRoutes(routes: readonly CompiledRoute[], { origin }: ResolvedUpstream): readonly string[] {
  return routes
    .filter(({ mode, upstream }) => mode === 'report' && upstream.origin === origin)
    .map(({ id }) => id)
}

function limitsOf({ timeouts }: ResolvedUpstream): string {
  return Object.entries(timeouts)
    .map(([what, milliseconds]) => `${what} ${milliseconds / 1000} s`)
    .join(', ')
}

const SHOWN_ROUTES = 5

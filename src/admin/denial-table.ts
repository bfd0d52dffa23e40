import { isNearMissKind, missText } from '../cors/near-miss-text.js'
import { REASONS, type Reason } from '../cors/reason.js'
import type { DenialRow } from '../observe/activity/activity.js'
import { type Html, html } from '../report/html.js'
import { ago } from './when.js'

/** Folded denials, latest first, each with its near miss and the way to its explanation. */
export function denialTable(rows: readonly DenialRow[]): Html {
  if (rows.length === 0) return html`<p class="empty">Nothing has been denied since this process started.</p>`
  return html`<div class="scroll"><table class="stack"><thead><tr><th>Origin</th><th>Why</th><th>Request</th><th class="num">Times</th><th>Last</th><th></th></tr></thead>
<tbody>${rows.map(denialRow)}</tbody></table></div>`
}

function denialRow({ latest, count, firstSeen, lastSeen }: DenialRow): Html {
  const { reason, enforced, hint } = latest
  const title = REASONS[reason as Reason]?.title ?? reason
  return html`<tr>
<td data-label="Origin"><span>${latest.origin === undefined ? html`<span class="soft">${isUnread(latest) ? 'not read' : 'no Origin'}</span>` : html`<code>${latest.origin}</code>`}${hint && html`<span class="hint">${hintText(hint)}</span>`}</span></td>
<td data-label="Why"><span>${title} ${!enforced && html`<span class="chip warn">report only</span>`}<br><code class="soft nowrap">${reason}</code></span></td>
<td data-label="Request">${isUnread(latest) ? unreadText(latest) : requestText(latest)}</td>
<td data-label="Times" class="num">${count}</td>
<td data-label="Last" class="nowrap"><span>${ago(lastSeen)}${count > 1 && html`<br><span class="soft small">first ${ago(firstSeen)}</span>`}</span></td>
<td>${!NOT_BY_POLICY.has(reason) && html`<a href="${tryLink(latest)}">Explain</a>`}</td></tr>`
}

function requestText({ kind, requestedMethod, method, path, route, host, status }: Denied): Html {
  const asked = kind === 'preflight' ? `preflight for ${requestedMethod ?? '?'}` : (METHOD_OF[kind] ?? method)
  return html`<span><span class="nowrap">${asked}</span> <code>${path}</code><br><span class="soft small">${route === undefined ? `host ${host}` : html`route <a href="/routes#${route}">${route}</a>`} · ${status}</span></span>`
}

// Of these the parser gave up on the head, so there is a peer and nothing else.
function isUnread({ method, host, path }: Denied): boolean {
  return `${method}${host}${path}` === ''
}

function unreadText({ client, status }: Denied): Html {
  return html`<span>Its head could not be read<br><span class="soft small">from ${client} · ${status}</span></span>`
}

// As in the record: `other-scheme https://www.shop.example`.
function hintText(hint: string): string {
  const space = hint.indexOf(' ')
  const [kind, entry] = [hint.slice(0, space), hint.slice(space + 1)]
  return isNearMissKind(kind) ? `near miss: ${missText({ kind, entry })}` : hint
}

function tryLink({ origin, host, path, method, requestedMethod, requestedHeaders, kind }: Denied): string {
  const query = new URLSearchParams({
    origin: origin ?? '',
    url: `${kind === 'websocket' ? 'ws' : 'http'}://${host}${path}`,
    method: requestedMethod ?? method,
    headers: requestedHeaders ?? '',
  })
  return `/try?${query}`
}

type Denied = DenialRow['latest']

/** Refused for what they are, before any policy is asked: there is nothing to explain. */
const NOT_BY_POLICY: ReadonlySet<string> = new Set<Reason>([
  'request-malformed',
  'too-many-headers',
  'request-timeout',
  'audit-unavailable',
  'method-not-served',
  'upgrade-not-served',
])
const METHOD_OF: Readonly<Record<string, string>> = { websocket: 'WebSocket' }

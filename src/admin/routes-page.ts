import type { Operations } from '../gateway/server.js'
import type { CompiledRoute } from '../policy/compiled/compiled-policy.js'
import { hostsText } from '../policy/resolved/host-pattern-text.js'
import { lastDayOf } from '../policy/resolved/last-day.js'
import type { OriginEntries } from '../policy/resolved/origin-table.js'
import type { ResolvedOrigin, ResolvedRule } from '../policy/resolved/resolved-policy.js'
import { type Html, html } from '../report/html.js'
import { layout } from './layout.js'
import { place } from './place.js'

export function routesPage(operations: Operations): Html {
  const { routes } = operations.live.current.policy
  return layout(operations, {
    page: 'routes',
    lead: 'What is in force, after merging and defaults, and the line of the policy that says so. The most specific route wins; in it, the first rule that holds the origin.',
    body: html`<div class="live" id="content" data-live>${routes.slice(0, SHOWN_ROUTES).map(routeCard)}
${routes.length > SHOWN_ROUTES && html`<p class="soft">and ${routes.length - SHOWN_ROUTES} more routes.</p>`}</div>`,
  })
}

function routeCard(route: CompiledRoute): Html {
  const { id, path, upstream, mode, onDenied, forwardOrigin, websocket, replacePrefix } = route
  return html`<section class="card" id="${id}"><div class="title"><h2>${id}</h2>
<code>${hostsText(route)} ${path}</code>
${mode === 'report' ? html`<span class="chip warn">report only</span>` : html`<span class="chip good">enforced</span>`}
${onDenied === 'strip' && html`<span class="chip">denied: stripped, forwarded</span>`}
${websocket && html`<span class="chip">WebSocket</span>`}${!forwardOrigin && html`<span class="chip">Origin hidden from upstream</span>`}
<span class="soft small">${place(route.position)}</span></div>
<div class="small">to <a href="/upstreams#${upstream.name}">${upstream.name}</a> <code class="soft">${upstream.origin}${upstream.basePath}</code>${replacePrefix !== undefined && html`, prefix replaced by <code>${replacePrefix === '' ? '/' : replacePrefix}</code>`}</div>
${mode === 'report' && html`<p class="soft">Nothing of this is enforced: every request${!websocket && ' but a WebSocket’s'} passes unchanged, and the upstream’s own CORS headers say what pages may read. What the rules would deny is recorded.</p>`}
${route.cors.length === 0 ? html`<p class="soft">${sameOriginOnly(route)}</p>` : route.cors.map(ruleBlock)}</section>`
}

function sameOriginOnly({ mode, onDenied }: CompiledRoute): string {
  const others =
    mode === 'report'
      ? 'Every other origin would be denied.'
      : onDenied === 'strip'
        ? 'No page of another origin can read an answer.'
        : 'Every other origin is refused.'
  return `No rules: same-origin only. ${others}`
}

function ruleBlock(rule: ResolvedRule, index: number): Html {
  return html`<div class="rule"><h3>Rule ${index} <span class="soft small">${place(rule.position)}</span></h3><dl>
<dt>Origins</dt><dd>${rule.anyOrigin ? html`<code>*</code> everyone` : rule.origins.map(set => originList(set.name, set.entries))}</dd>
<dt>Methods</dt><dd>${rule.anyMethod ? 'any' : codes(rule.allowMethods)}</dd>
<dt>Request headers</dt><dd>${rule.anyHeader && 'any, '}${rule.allowHeaders.length === 0 && !rule.anyHeader ? html`<span class="soft">safelisted only</span>` : codes(rule.allowHeaders)}</dd>
<dt>Exposed headers</dt><dd>${rule.exposeAny ? 'all' : rule.exposeHeaders.length === 0 ? html`<span class="soft">safelisted only</span>` : codes(rule.exposeHeaders)}</dd>
<dt>Credentials</dt><dd>${rule.allowCredentials ? 'allowed' : html`<span class="soft">no</span>`}</dd>
<dt>Preflight kept</dt><dd>${rule.maxAge === undefined ? html`<span class="soft">5 s, the browsers' default</span>` : `${rule.maxAge} s`}</dd>
${rule.dangerous.length > 0 && html`<dt>Dangerous</dt><dd>${rule.dangerous.map(name => html`<span class="chip bad">${name}</span> `)}</dd>`}
</dl></div>`
}

function originList(name: string | undefined, entries: OriginEntries): Html {
  const shown = Array.from({ length: Math.min(entries.length, SHOWN_ORIGINS) }, (_, index) =>
    entries.at(index),
  )
  const list = html`<ul class="plain">${shown.map(entry => entry && originItem(entry))}${entries.length > SHOWN_ORIGINS && html`<li class="soft">and ${entries.length - SHOWN_ORIGINS} more</li>`}</ul>`
  return name === undefined ? list : html`<div><span class="chip">set ${name}</span>${list}</div>`
}

function originItem({ text, owner, reason, expiresAt, position }: ResolvedOrigin): Html {
  const expired = expiresAt !== undefined && expiresAt <= Date.now()
  const notes = [owner, reason].filter(note => note !== undefined).join(', ')
  return html`<li><code>${text}</code> ${expiresAt !== undefined && html`<span class="chip ${expired ? 'bad' : 'warn'}">${expired ? 'expired' : 'until'} ${lastDayOf(expiresAt)}</span>`}
<span class="soft small">${notes}${notes !== '' && ' · '}${place(position)}</span></li>`
}

function codes(names: readonly string[]): Html {
  return html`${names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}`
}

const SHOWN_ROUTES = 300
const SHOWN_ORIGINS = 25

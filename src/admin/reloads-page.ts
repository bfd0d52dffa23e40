import type { ReloadRecord } from '../gateway/loading/policy-history.js'
import type { Operations } from '../gateway/server.js'
import { type Html, html } from '../report/html.js'
import { layout } from './layout.js'
import { ago } from './when.js'
import { withCode } from './with-code.js'

export function reloadsPage(operations: Operations): Html {
  const { history, path } = operations.policy.status
  return layout(operations, {
    page: 'reloads',
    lead: `Each time ${path} changed, and what that changed. A bad file never replaces a good one.`,
    body: html`<div class="live" id="content" data-live>${history.map(reloadCard)}</div>`,
  })
}

function reloadCard(record: ReloadRecord): Html {
  const { at, outcome, trigger, revision, previousRevision } = record
  const chip =
    outcome === 'loaded'
      ? html`<span class="chip good">loaded</span>`
      : html`<span class="chip bad">refused</span>`
  return html`<section class="card"><div class="title"><h2>${ago(at)}</h2>${chip}<span class="soft small">${TRIGGERS[trigger]}</span>
<code class="soft" title="${revision}">${outcome === 'loaded' ? previousRevision !== undefined && `${previousRevision.slice(0, 10)} → ` : 'still '}${revision.slice(0, 10)}</code></div>
${outcome === 'loaded' ? changesOf(record) : problemsOf(record)}</section>`
}

function changesOf({ changes, trigger }: ReloadRecord): Html {
  if (trigger === 'start') return html`<p class="soft">The policy this process started with.</p>`
  if (changes.length === 0) return html`<p class="soft">Nothing changes for browsers.</p>`
  return html`<ul class="plain">${changes.map(
    ({ summary, details }) =>
      html`<li>${summary}${details.length > 0 && html`<div class="small">${details.map(detail => html`<code>${detail}</code> `)}</div>`}</li>`,
  )}</ul>`
}

function problemsOf({ error, problems }: ReloadRecord): Html {
  return html`<p>${sentence(error ?? '')} The policy in force stayed as it was.</p><ul class="plain">${problems
    .slice(0, 20)
    .map(
      ({ file, line, column, code, message, suggestion }) =>
        html`<li><code>${file.split('/').at(-1)}:${line}:${column}</code> <span class="chip bad">${code}</span> ${withCode(message)}${suggestion && html`<div class="small soft">${withCode(suggestion)}</div>`}</li>`,
    )}</ul>`
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

const TRIGGERS: Readonly<Record<ReloadRecord['trigger'], string>> = {
  start: 'at the start',
  watch: 'the file changed',
  poll: 'found by polling',
  sighup: 'asked by SIGHUP',
}

import { METHODS } from 'node:http'
import type { Decision } from '../cors/decision.js'
import { missText } from '../cors/near-miss-text.js'
import { REASONS } from '../cors/reason.js'
import type { Operations } from '../gateway/server.js'
import { expiredText } from '../policy/compiled/expired-entry.js'
import type { Evaluation } from '../policy/evaluate.js'
import { type Html, html } from '../report/html.js'
import { layout } from './layout.js'
import { place } from './place.js'
import { type Trial, type TrialStep, tryRequest } from './try-request.js'

export async function tryPage(operations: Operations, query: URLSearchParams): Promise<Html> {
  const given = (name: string) => query.get(name)?.trim().slice(0, 2048) ?? ''
  const asked = {
    origin: given('origin'),
    url: given('url'),
    method: given('method') || 'GET',
    headers: given('headers'),
  }
  const { live, settings } = operations
  const trial =
    asked.url === '' ? undefined : await tryRequest(live.current.policy, asked, settings, Date.now())
  return layout(operations, {
    page: 'try',
    lead: 'What would this gateway decide? Asked of the policy in force by the code that decides requests; nothing is sent.',
    body: html`<section class="card"><form action="/try" method="get">
<label class="wide">URL that the page fetches <input name="url" value="${asked.url}" placeholder="https://api.shop.example/orders/1" required></label>
<label>Origin of the page <input name="origin" value="${asked.origin}" placeholder="https://www.shop.example"></label>
<label>Method <input name="method" value="${asked.method}" list="methods" placeholder="GET"></label>
<datalist id="methods">${COMMON.map(method => html`<option value="${method}">`)}</datalist>
<label class="wide">Headers that the page's script sets (names) <input name="headers" value="${asked.headers}" placeholder="content-type, authorization"></label>
<button>Explain</button></form></section>
${trial && verdict(trial)}`,
  })
}

function verdict(trial: Trial): Html {
  if ('problem' in trial)
    return html`<div class="banner warn" role="status"><strong>That cannot be asked.</strong>${trial.problem}</div>`
  if ('status' in trial)
    return html`<div class="banner" role="status"><strong>Denied: ${trial.status}, before any policy is asked</strong>
The HTTP parser refuses the request: ${trial.why}.</div>
${browserCard(trial.sentences)}`
  const refused = trial.steps.find(
    ({ explanation }) => explanation.evaluation.decision.outcome === 'denied',
  )?.explanation
  const shown = refused ?? trial.steps.at(-1)!.explanation
  const { enforced, reason, outcome } = shown.evaluation.decision
  const banner = outcome === 'allowed' ? 'good' : enforced ? '' : 'warn'
  const outcomeText = outcome === 'allowed' ? 'Allowed' : 'Denied'
  return html`<div class="banner ${banner}" role="status"><strong>${
    enforced ? outcomeText : `Would be ${outcome}; this route only reports`
  }: ${REASONS[reason].title}</strong>
${consequence(shown.evaluation)}
${refused?.nearMiss && html`<div>Near miss: ${missText(refused.nearMiss)}</div>`}</div>
${browserCard(trial.sentences)}
${trial.steps.map(stepCard)}`
}

function browserCard(sentences: readonly string[]): Html | undefined {
  if (sentences.length === 0) return undefined
  return html`<section class="card"><h2>What the browser makes of it</h2>${sentences.map(sentence => html`<p>${sentence}</p>`)}</section>`
}

function consequence({ decision, route }: Evaluation): string {
  if (!decision.enforced)
    return `${decision.outcome === 'denied' ? 'Recorded, and passed' : 'Passed'} through to the upstream unchanged; ${decision.kind === 'websocket' ? 'it says who may connect' : 'its own CORS headers say what the page may read'}.`
  if (decision.outcome === 'allowed')
    return decision.kind === 'websocket'
      ? 'The upstream gets the handshake; if it agrees, the page has its WebSocket.'
      : 'The page gets the response and may read it.'
  if (decision.kind === 'preflight')
    return 'The browser stops at the preflight; the request itself is never sent.'
  if (route?.onDenied === 'strip' && decision.action === 'forward')
    return 'The upstream gets the request, the page may not read the response.'
  return `Crossgate answers ${decision.status}; the upstream never sees it.`
}

function stepCard({ name, why, explanation: { evaluation, headers, rules } }: TrialStep): Html {
  const { decision, route, target } = evaluation
  const lines: string[] = []
  for (let index = 0; index < headers.length; index += 2)
    lines.push(`${headers[index]}: ${headers[index + 1]}`)
  const rule = decision.rule
  const expired = rules.find(one => one.expired !== undefined)?.expired
  const noRule = expired
    ? `what would hold this origin has expired: ${expiredText(expired)}`
    : 'no rule holds this origin'
  const ruleAt = rule && route?.cors[rule.index]?.position
  return html`<section class="card"><div class="title"><h2>${name}</h2><span class="chip ${decision.outcome === 'allowed' ? 'good' : 'bad'}">${!decision.enforced && 'would be '}${decision.outcome}</span><span class="soft small">${why}</span></div><dl>
<dt>Reason</dt><dd>${REASONS[decision.reason].title} <code class="soft">${decision.reason}</code></dd>
<dt>Route</dt><dd>${route === undefined ? html`<span class="soft">none</span>` : html`<a href="/routes#${route.id}">${route.id}</a> <code>${route.path}</code> <span class="soft small">${place(route.position)}</span>`}</dd>
<dt>Rule</dt><dd>${rule === undefined ? html`<span class="soft">${noRule}</span>` : html`rule ${rule.index} ${ruleAt && html`<span class="soft small">${place(ruleAt)}</span>`}`}</dd>
<dt>Path</dt><dd>${target === undefined ? html`<span class="soft">has no single reading</span>` : html`<code>${target.path}</code>`}</dd>
<dt>Answer</dt><dd>${answerText(decision)}</dd></dl>
${lines.length > 0 && html`<pre>${lines.join('\n')}</pre>`}</section>`
}

function answerText({ action, enforced, headers, status }: Decision): string {
  if (action === 'answer') return `by Crossgate: ${status}`
  if (action === 'refuse') return `refused by Crossgate: ${status}`
  if (!enforced) return 'the upstream’s as it is, with the CORS headers that it sends'
  return `the upstream’s, with ${headers.length === 0 ? 'no CORS headers' : 'these CORS headers and no others'}`
}

const COMMON = METHODS.filter(method => /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method))

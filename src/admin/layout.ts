import type { Operations } from '../gateway/server.js'
import { type Html, html } from '../report/html.js'
import { alarms } from './alarms.js'
import { NAVIGATION, type PageName } from './navigation.js'

export interface PageFrame {
  readonly page: PageName
  readonly lead: string
  readonly body: Html
}

/** A whole page of the console around its body: navigation, the policy in force, and what is wrong with it. */
export function layout(operations: Operations, { page, lead, body }: PageFrame): Html {
  const { title } = NAVIGATION[page]
  const { live, policy, readiness } = operations
  const { revision } = live.current.policy
  const { generation } = policy.status
  const alarm = alarms(operations)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${alarm.length === 0 ? '' : '⚠ '}${title} · Crossgate</title>
<link rel="stylesheet" href="/console.css"><link rel="icon" href="data:,"><script src="/console.js" defer></script></head>
<body><a class="skip" href="#main">Skip to content</a>
<header><div class="bar"><a class="brand" href="/">Crossgate</a>
<nav aria-label="Console">${Object.entries(NAVIGATION).map(
    ([name, to]) =>
      html`<a href="${to.path}"${name === page ? html` aria-current="page"` : ''}>${to.title}</a>`,
  )}</nav>
<div class="state" id="state" data-live>${chip(readiness)}
<span title="policy revision ${revision}">policy <code>${revision.slice(0, 10)}</code> · generation ${generation}</span></div>
<span class="state" id="live" role="status"></span></div></header>
<main id="main"><div><h1>${title}</h1><p class="lead">${lead}</p></div>
<div class="live" id="alarm" data-live>${alarm}</div>
${body}</main>
<footer>Read only. <a href="/metrics">Metrics</a> · <a href="/policy">Policy as JSON</a> · what is here is memory of this process; the audit log is the record.</footer>
</body></html>
`
}

function chip(readiness: Operations['readiness']): Html {
  const [look, text] = CHIPS[readiness]
  return html`<span class="chip ${look}">${text}</span>`
}

const CHIPS: Readonly<Record<Operations['readiness'], readonly [look: string, text: string]>> = {
  ready: ['good', 'serving'],
  stopping: ['warn', 'stopping'],
  'no-worker': ['bad', 'no worker serves'],
  'audit-unavailable': ['bad', 'refusing requests'],
}

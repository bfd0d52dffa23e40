import type { Operations } from '../gateway/server.js'
import { type Html, html } from '../report/html.js'
import { NAVIGATION, type PageName } from './navigation.js'
import { ago } from './when.js'

export interface PageFrame {
  readonly page: PageName
  readonly lead: string
  readonly body: Html
}

/** A whole page of the console around its body: navigation, the policy in force, and what is wrong with it. */
export function layout(operations: Operations, { page, lead, body }: PageFrame): Html {
  const { title } = NAVIGATION[page]
  const { live, policy } = operations
  const { revision } = live.current.policy
  const { lastError, generation } = policy.status
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${lastError === undefined ? '' : '⚠ '}${title} · Crossgate</title>
<link rel="stylesheet" href="/console.css"><link rel="icon" href="data:,"><script src="/console.js" defer></script></head>
<body><a class="skip" href="#main">Skip to content</a>
<header><div class="bar"><a class="brand" href="/">Crossgate</a>
<nav aria-label="Console">${Object.entries(NAVIGATION).map(
    ([name, to]) =>
      html`<a href="${to.path}"${name === page ? html` aria-current="page"` : ''}>${to.title}</a>`,
  )}</nav>
<div class="state" id="state" data-live><span class="chip ${operations.ready ? 'good' : 'warn'}">${operations.ready ? 'serving' : 'stopping'}</span>
<span title="policy revision ${revision}">policy <code>${revision.slice(0, 10)}</code> · generation ${generation}</span></div>
<span class="state" id="live" role="status"></span></div></header>
<main id="main"><div><h1>${title}</h1><p class="lead">${lead}</p></div>
<div id="alarm" data-live>${lastError && alarm(lastError.error ?? '', lastError.at)}</div>
${body}</main>
<footer>Read only. <a href="/metrics">Metrics</a> · <a href="/policy">Policy as JSON</a> · what is here is memory of this process; the audit log is the record.</footer>
</body></html>
`
}

function alarm(error: string, at: number): Html {
  return html`<div class="banner" role="alert"><strong>The policy on disk is refused; the last good one is in force.</strong>
${ago(at)}: ${error}. <a href="/reloads">What is wrong with it</a></div>`
}

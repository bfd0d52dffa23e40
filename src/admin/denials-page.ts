import type { Operations } from '../gateway/server.js'
import { decisionChart } from '../report/decision-chart.js'
import { type Html, html } from '../report/html.js'
import { denialTable } from './denial-table.js'
import { layout } from './layout.js'
import { clockUtc } from './when.js'

export function denialsPage(operations: Operations): Html {
  const { activity } = operations
  const rows = activity.denials()
  return layout(operations, {
    page: 'denials',
    lead: 'Who was refused and why, equal ones folded, the latest first. A near miss is nearly always a typing mistake in the policy.',
    body: html`<div class="live" id="content" data-live>
<section class="card"><h2>Last three hours</h2>${decisionChart(activity.hours.steps(Date.now()), 'Decisions in the last three hours', clockUtc)}</section>
<section class="card"><h2>${rows.length === 0 ? 'Denials' : `${rows.length} kind${rows.length === 1 ? '' : 's'} of denial`}</h2>${denialTable(rows.slice(0, SHOWN))}
${rows.length > SHOWN && html`<p class="soft">and ${rows.length - SHOWN} more; see the audit log with <code>crossgate audit report</code>.</p>`}</section></div>`,
  })
}

const SHOWN = 200

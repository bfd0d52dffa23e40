import {
  type AuditDrift,
  type AuditReport,
  NO_ORIGIN,
  routeOf,
  topOrigins,
  triedToAllow,
  when,
  windowNote,
} from './audit-report.js'
import { decisionChart } from './decision-chart.js'
import { Html, html } from './html.js'

/** The report as one file: nothing is loaded from elsewhere, no script. */
export function auditHtml(report: AuditReport, top: number): string {
  const { denied, reported, allowed, from, until, denials, drift, policies, missing, timeline } = report
  const note = windowNote(report.countsFinalAt)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Crossgate audit report</title><style>${new Html(STYLE)}</style></head><body><main>
<h1>Crossgate audit report</h1><p class="soft">${when(from)} to ${when(until)} UTC · ${report.lines} lines of ${report.processes} process${report.processes === 1 ? '' : 'es'}</p>
<div class="tiles"><div><b>${denied}</b>denied</div><div><b>${reported}</b>would be denied (report mode)</div><div><b>${allowed}</b>allowed, as recorded</div><div><b>${denials.length}</b>kinds of denial</div></div>
${missing > 0 && html`<p class="warn">${missing} records are missing: their sequence numbers are not in these files.</p>`}
${note !== undefined && html`<p class="warn">${note}</p>`}
${
  timeline.steps.length > 1 &&
  html`<h2>Over time</h2>${decisionChart(timeline.steps, 'Decisions over time', start => when(new Date(start).toISOString()).slice(0, 16))}`
}
<h2>Who was denied, where and why</h2>${
    denials.length === 0
      ? html`<p>Nobody.</p>`
      : html`<div class="scroll"><table><thead><tr><th class="num">Times</th><th>Origin</th><th>Route</th><th>Reason</th><th>Methods</th><th>First seen</th><th>Last seen</th></tr></thead><tbody>${denials
          .slice(0, top)
          .map(
            row => html`<tr><td class="num">${row.count}</td><td><code>${row.origin ?? NO_ORIGIN}</code>${row.hint && html`<div class="hint">hint: ${row.hint}</div>`}</td><td>${routeOf(row)}</td>
<td><code>${row.reason}</code>${!row.enforced && ' (report)'}</td><td>${[...row.methods].join(' ')}${row.preflight && ' · preflight'}</td><td>${when(row.firstSeen)}</td><td>${when(row.lastSeen)}</td></tr>`,
          )}</tbody></table></div>`
  }
<div class="pair"><section><h2>Top origins</h2>${ranking(topOrigins(report), top)}</section><section><h2>Reasons</h2>${ranking(report.reasons, top)}</section></div>
${
  drift.length > 0 &&
  html`<h2>Upstreams that still send CORS headers</h2><p class="soft">Removed before any client saw them, except in report mode.</p><div class="scroll"><table><thead><tr><th class="num">Responses</th><th>Upstream</th><th>Headers</th><th>Tried to allow</th><th>Last seen</th></tr></thead><tbody>${drift
    .slice(0, top)
    .map(
      row =>
        html`<tr><td class="num">${row.count}</td><td>${row.upstream}</td><td><code>${row.headers.join(', ')}</code></td><td>${allowedCell(row)}${!row.enforced && ' (report: passed on)'}</td><td>${when(row.lastSeen)}</td></tr>`,
    )}</tbody></table></div>`
}
${
  policies.length > 0 &&
  html`<h2>Policies</h2><div class="scroll"><table><tbody>${policies
    .slice(-top)
    .map(
      row =>
        html`<tr><td>${when(row.time)}</td><td>${row.event}</td><td><code>${row.revision.slice(0, 10)}</code></td><td>${row.text}</td></tr>`,
    )}</tbody></table></div>`
}
</main></body></html>
`.text
}

function allowedCell(drift: AuditDrift): Html {
  const [before, origin, after] = triedToAllow(drift)
  return html`${before}<code>${origin}</code>${after}`
}

function ranking(rows: readonly (readonly [string, number])[], top: number): Html {
  const most = rows[0]?.[1] ?? 1
  return html`<table class="rank"><tbody>${rows
    .slice(0, top)
    .map(
      ([name, count]) =>
        html`<tr><td class="num">${count}</td><td><code>${name}</code><svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true"><rect class="denied" width="${((count / most) * 100).toFixed(1)}" height="2"/></svg></td></tr>`,
    )}</tbody></table>`
}

const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1a2230;--soft:#5a6577;--line:#dfe3ea;--denied:#d1453b;--reported:#e0a32e;--allowed:#b9c4d6;--warn:#8a5a00}
@media (prefers-color-scheme:dark){:root{--ground:#10141b;--ink:#e6eaf2;--soft:#9aa6b9;--line:#2a3342;--denied:#f0685d;--reported:#e0ad45;--allowed:#465469;--warn:#f0c468}}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}main{max-width:1100px;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.8rem 0 .5rem}.soft{color:var(--soft);margin:.2rem 0}.warn,.hint{color:var(--warn)}.hint{font-size:.87rem}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em;overflow-wrap:anywhere}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th{text-align:left;color:var(--soft);font-size:.8rem}th,td{padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}.num{text-align:right;font-variant-numeric:tabular-nums}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.8rem;margin:1rem 0}.tiles div{border:1px solid var(--line);border-radius:10px;padding:.7rem 1rem;color:var(--soft);font-size:.85rem}.tiles b{display:block;font-size:1.5rem;color:var(--ink)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:0 2rem}.rank svg{display:block;width:100%;height:4px}.rank .num{width:5rem}
.chart{margin:0}.plot{display:grid;grid-template-columns:2.6rem 1fr;gap:.5rem}.scale{display:flex;flex-direction:column;justify-content:space-between;text-align:right;color:var(--soft);font-size:.75rem;line-height:1;margin:-.35rem 0}
.chart svg{width:100%;height:150px;display:block;overflow:visible}.grid{stroke:var(--line);vector-effect:non-scaling-stroke}.ticks{display:flex;justify-content:space-between;padding-left:3.1rem;margin-top:.5rem;color:var(--soft);font-size:.75rem}figcaption{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;color:var(--soft);font-size:.85rem}
rect.denied{fill:var(--denied)}rect.reported{fill:var(--reported)}rect.allowed{fill:var(--allowed)}.key::before{content:"";display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.4rem}
.key.denied::before{background:var(--denied)}.key.reported::before{background:var(--reported)}.key.allowed::before{background:var(--allowed)}
@media print{body{font-size:11px}}`

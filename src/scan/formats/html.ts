import { escapeLines } from '../../report/display-text.js'
import { Html, html } from '../../report/html.js'
import type { ScanCode } from '../codes.js'
import { SCAN_SEVERITIES, type ScanFinding } from '../finding.js'
import { findingsOf, type ScanReport } from '../scan-report.js'
import type { TargetResult } from '../target-result.js'
import { sumOf, titleOf, verdictOf } from './verdict.js'

/**
 * One file to send around: no script, nothing loaded from anywhere, and a policy of its own that keeps it so,
 * because what scanned servers said stands in it.
 */
export function formatScanHtml(report: ScanReport): string {
  const findings = findingsOf(report)
  const counts = SCAN_SEVERITIES.map(severity => ({
    severity,
    count: findings.filter(finding => finding.severity === severity).length,
  }))
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CORS scan</title>
<style>${new Html(STYLE)}</style>
<main>
<h1>CORS scan</h1>
<p class="counts">${counts.map(({ severity, count }) => html`<span class="chip ${count === 0 ? 'none' : severity}">${count} ${severity}</span> `)}</p>
${report.interrupted && html`<p><strong>Interrupted: not every URL was scanned.</strong></p>`}
<h2>URLs</h2>
<table><thead><tr><th>Verdict</th><th>URL</th></tr></thead><tbody>
${report.targets.map(targetRow)}</tbody></table>
${comparisonSection(report)}
${findings.length > 0 && html`<h2>Findings</h2>`}
${findings.map(findingSection)}
<footer>crossgate scan ${report.version}, <time>${report.finished}</time></footer>
</main>
</html>
`
  return escapeLines(page.text)
}

function targetRow(target: TargetResult): Html {
  const { word, sentence } = verdictOf(target)
  const { headers } = target
  return html`<tr><td><span class="chip ${word}">${word}</span></td><td><code>${target.url}</code><br>${sentence}${
    headers &&
    html`<details><summary>Security headers: grade ${headers.grade}, ${headers.score} of 100</summary><ul>${headers.checks.map(
      ({ header, points, of, reason }) => html`<li>${points}/${of} <b>${header}</b>: ${reason}</li>`,
    )}</ul></details>`
  }</td></tr>
`
}

function comparisonSection(report: ScanReport): Html | undefined {
  const { comparison } = report
  if (comparison === undefined) return undefined
  const rows = (codes: readonly ScanCode[], after: string): readonly Html[] =>
    codes.map(code => html`<tr><td>${titleOf(code)}</td><td>${after}</td></tr>\n`)
  return html`<h2>Compared</h2><p><code>${comparison.before.url}</code> with <code>${comparison.after.url}</code>: ${sumOf(report)}.</p>
<div class="wide"><table><thead><tr><th>Finding</th><th>After</th></tr></thead><tbody>
${rows(comparison.fixed, 'gone')}${rows(comparison.remaining, 'still there')}${rows(comparison.added, 'new')}</tbody></table></div>`
}

function findingSection(finding: ScanFinding): Html {
  const { severity, code, url, route, message, notes, proof, curl, why, fix, references } = finding
  return html`<section>
<h3><span class="chip ${severity}">${severity}</span> ${titleOf(code)}</h3>
<p class="where"><code>${code}</code> at <code>${url}</code>${route !== undefined && html`, route <code>${route}</code>`}</p>
<p>${message}.</p>
${notes.length > 0 && html`<ul>${notes.map(note => html`<li>${note}</li>`)}</ul>`}
<h4>Proof</h4>
<pre>${[...proof.request, '', ...proof.response].join('\n')}</pre>
${curl !== undefined && html`<h4>Again</h4>\n<pre>${curl}</pre>`}
<h4>Why it matters</h4>
<p>${why}</p>
${fix !== '' && html`<h4>Policy that mends it</h4><pre>${fix}</pre>`}
<ul>${references.map(reference)}</ul>
</section>
`
}

function reference(written: string): Html {
  const [, name = written, url = ''] = /^(.*): (https:.*)$/.exec(written) ?? []
  return html`<li><a href="${url}" rel="noreferrer">${name}</a></li>`
}

const STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f4f6f8; --text: #1d232a; --back: #fff; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --line: #3a424c; --soft: #1d232b; --text: #e4e8ec; --back: #12161b; --link: #7ab7ff; } }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 0; } h4 { font-size: .85rem; margin: 1rem 0 .25rem; }
section { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; margin: 0 0 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid var(--line); }
code, pre { font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: 6px; padding: .75rem 1rem; margin: 0; white-space: pre-wrap; }
.where { margin: .35rem 0; } footer { margin-top: 2rem; font-size: .85rem; opacity: .7; }
.chip { display: inline-block; border-radius: 999px; padding: .1rem .65rem; font-size: .8rem; font-weight: 600; background: #5b6570; color: #fff; white-space: nowrap; }
.critical { background: #8b0a1a; } .high { background: #b5321f; } .medium { background: #8a5a00; } .low { background: #2c5c9c; } .ok { background: #1d7040; }
.none { background: none; border: 1px solid var(--line); color: inherit; font-weight: 400; } a { color: var(--link); }
`

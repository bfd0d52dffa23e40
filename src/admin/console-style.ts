/** The console's whole style sheet: system fonts, two palettes by the reader's preference, one column when narrow. */
export const STYLE = `
:root { color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #1a2230; --soft: #5a6577; --line: #dfe3ea; --accent: #2456c9; --accent-ink: #fff;
  --good: #12753f; --good-soft: #dff3e7; --bad: #b3261e; --bad-soft: #fbe4e2; --warn: #8a5a00; --warn-soft: #fcefd3; --chip: #edf0f5;
  --bar-allowed: #8090aa; --bar-denied: #d1453b; --bar-reported: #e0a32e; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #10141b; --card: #181e28; --ink: #e6eaf2; --soft: #9aa6b9; --line: #2a3342; --accent: #86aaff; --accent-ink: #0d1524;
  --good: #6fd69b; --good-soft: #143524; --bad: #ff8f86; --bad-soft: #43201e; --warn: #f0c468; --warn-soft: #3b2f14; --chip: #242d3b;
  --bar-allowed: #6b7d99; --bar-denied: #f0685d; --bar-reported: #e0ad45; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible, textarea:focus-visible, select:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code, .mono, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .92em; }
code { overflow-wrap: anywhere; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .3rem .6rem; }
header { background: var(--card); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 1; }
.bar { max-width: 1180px; margin: 0 auto; padding: .6rem 1.2rem; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: center; }
.brand { font-weight: 700; letter-spacing: -.01em; color: var(--ink); text-decoration: none; font-size: 1.05rem; }
.brand::before { content: ""; display: inline-block; width: .7rem; height: .7rem; border: 3px solid var(--accent); border-right-color: transparent; border-radius: 50%; margin-right: .5rem; vertical-align: -.05rem; }
nav { display: flex; flex-wrap: wrap; gap: .1rem; flex: 1; }
nav a { color: var(--soft); text-decoration: none; padding: .25rem .6rem; border-radius: 6px; }
nav a:hover { background: var(--chip); color: var(--ink); }
nav a[aria-current] { background: var(--chip); color: var(--ink); font-weight: 600; }
.state { color: var(--soft); font-size: .85rem; display: flex; gap: .6rem; align-items: center; }
#live { min-width: 2.4rem; }
main { max-width: 1180px; margin: 0 auto; padding: 1.2rem; display: grid; gap: 1.2rem; }
main > *, main > div > * { min-width: 0; }
.live { display: grid; gap: 1.2rem; }
h1 { font-size: 1.35rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.02rem; margin: 0 0 .7rem; }
h3 { font-size: .95rem; margin: 0 0 .4rem; }
p { margin: .3rem 0; max-width: 75ch; }
.lead { color: var(--soft); margin-top: .2rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); gap: .8rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .75rem 1rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .85rem; }
.tile.alarm b { color: var(--bad); }
.banner { border-radius: 10px; padding: .8rem 1.1rem; background: var(--bad-soft); color: var(--ink); border-left: 4px solid var(--bad); }
.banner.good { background: var(--good-soft); border-left-color: var(--good); }
.banner.warn { background: var(--warn-soft); border-left-color: var(--warn); }
.banner strong { display: block; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .8rem; padding: .3rem .7rem .4rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: .5rem .7rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.num, th.num { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.4rem; }
#alarm:empty { display: none; }
.soft { color: var(--soft); }
.small { font-size: .85rem; }
.nowrap { white-space: nowrap; }
.chip { display: inline-block; background: var(--chip); border-radius: 999px; padding: .05rem .55rem; font-size: .8rem; white-space: nowrap; }
.chip.good { background: var(--good-soft); color: var(--good); }
.chip.bad { background: var(--bad-soft); color: var(--bad); }
.chip.warn { background: var(--warn-soft); color: var(--warn); }
.hint { display: block; color: var(--warn); font-size: .87rem; overflow-wrap: anywhere; }
.title { display: flex; flex-wrap: wrap; gap: .4rem .7rem; align-items: baseline; margin-bottom: .5rem; }
.title h2 { margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .4rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.rule { border-top: 1px solid var(--line); padding-top: .8rem; margin-top: .8rem; }
ul.plain { list-style: none; margin: 0; padding: 0; }
ul.plain li { padding: .1rem 0; overflow-wrap: anywhere; }
details > summary { cursor: pointer; color: var(--accent); }
form { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .8rem 1rem; }
label { display: grid; gap: .2rem; font-size: .85rem; color: var(--soft); }
label.wide { grid-column: 1 / -1; }
input, select { font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: .45rem .6rem; min-width: 0; width: 100%; }
button { font: inherit; font-weight: 600; justify-self: start; background: var(--accent); color: var(--accent-ink); border: 0; border-radius: 7px; padding: .5rem 1.1rem; cursor: pointer; }
pre { margin: .4rem 0 0; background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: .7rem .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.chart { margin: 0; }
.chart .plot { display: grid; grid-template-columns: 2.6rem 1fr; gap: .5rem; }
.chart .scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; color: var(--soft); font-size: .75rem; line-height: 1; margin: -.35rem 0; }
.chart svg { width: 100%; height: 150px; display: block; overflow: visible; }
.chart .grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.chart .ticks { display: flex; justify-content: space-between; padding-left: 3.1rem; margin-top: .5rem; color: var(--soft); font-size: .75rem; }
.chart figcaption { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--soft); font-size: .85rem; margin-top: .3rem; }
.key::before { content: ""; display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .4rem; background: currentColor; }
rect.allowed { fill: var(--bar-allowed); } rect.denied { fill: var(--bar-denied); } rect.reported { fill: var(--bar-reported); }
.key.allowed::before { background: var(--bar-allowed); } .key.denied::before { background: var(--bar-denied); } .key.reported::before { background: var(--bar-reported); }
.empty { color: var(--soft); padding: .6rem 0; }
footer { max-width: 1180px; margin: 0 auto; padding: 0 1.2rem 2rem; color: var(--soft); font-size: .82rem; }
@media (max-width: 640px) {
  main { padding: .9rem; } footer { padding: 0 .9rem 1.5rem; } .bar { padding: .5rem .9rem; } header { position: static; } nav { order: 3; flex-basis: 100%; margin-left: -.6rem; } form { grid-template-columns: 1fr; }
  .stack thead { position: absolute; left: -999px; } .stack tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .stack tr:last-child { border-bottom: 0; }
  .stack td { display: grid; grid-template-columns: 6.5rem 1fr; border: 0; padding: .12rem 0; text-align: left; }
  .stack td.num { text-align: left; } .stack td::before { content: attr(data-label); color: var(--soft); font-size: .82rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
}
`
